package integration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
)

// AWSServices is what calls of AWS services need from outside.
type AWSServices struct {
	// Upstream gives the base URL where a service is found, by its name in hosts
	// ("dynamodb", "monitoring"). false: nowhere.
	Upstream func(service string) (baseURL string, ok bool)
	// Credentials gives the temporary keys that a request is signed with: those of
	// a role, or the caller's own where role is CallerCredentials. An error says that
	// they were refused.
	Credentials func(ctx context.Context, role string, rc *reqcontext.Context) (aws.Credentials, error)
	// Denies tells whether a role may surely not do what a call needs; nil: it may, or
	// that is not known. A nil Denies denies nothing.
	Denies func(role string, asked Permission) *Denial
	// StandIn answers for a service that is nowhere, where it can; nil: none does. What
	// it answers once the context is over is of no use.
	StandIn func(ctx context.Context, call *ServiceCall) (*Response, bool)
}

// ServiceCall is a signed call of a service that is nowhere.
type ServiceCall struct {
	*Request
	Service string // by its name in hosts
	Region  string
	Role    string
}

// CallerCredentials stands, in place of a role, for whoever calls the API.
const CallerCredentials = "arn:aws:iam::*:user/*"

// ErrAssumeRole says that a role does not let API Gateway have its keys.
var ErrAssumeRole = errors.New("API Gateway does not have permission to assume the provided role")

// RoleError is an ErrAssumeRole for a role. Its text is AWS's.
type RoleError struct {
	Role string
	Why  error // for logs; nil: not known
}

func (e *RoleError) Error() string { return ErrAssumeRole.Error() + " " + e.Role }

// Unwrap gives the kind of error and the reason.
func (e *RoleError) Unwrap() []error { return []error{ErrAssumeRole, e.Why} }

// AWSService calls an AWS service: the request's URL names the service's own host,
// the connection goes where the service is found.
type AWSService struct {
	Target   ServiceTarget
	Services *AWSServices
	Backends *Backends
	Role     string
	Timeout  time.Duration
	Now      func() time.Time
}

var _ Integration = (*AWSService)(nil)

// Invoke signs the request and sends it.
func (s *AWSService) Invoke(ctx context.Context, req *Request) (*Response, error) {
	in := &req.Context.Integration
	to, missing := s.upstream()
	if missing != nil && s.Services.StandIn == nil {
		in.Error = missing.Error()
		return nil, refused(gwerr.IntegrationFailure, missing)
	}
	creds, err := s.credentials(ctx, req.Context)
	if err != nil {
		in.Error = err.Error()
		return nil, refused(gwerr.APIConfigurationError, err)
	}
	delete(req.Header, "Host") // the service's own, whatever was mapped
	s.Target.complete(req)
	accept := req.Header.Get("Accept")
	if res := s.denied(req, missing == nil); res != nil {
		in.Called, in.RequestID, in.ServiceStatus = true, serviceRequestID(res.Header), res.Status
		return s.Target.asJSON(res, accept)
	}
	if err := s.sign(ctx, req, creds); err != nil {
		in.Error = err.Error()
		return nil, refused(gwerr.APIConfigurationError, err)
	}
	var res *Response
	if missing != nil {
		in.Called = true
		if res, err = s.standIn(ctx, req, missing); err != nil {
			in.Error = err.Error()
			return nil, err
		}
	} else {
		req.Header["Host"] = []string{req.URL.Host}
		req.URL = rebase(to, req.URL)
		if res, err = (&HTTP{Backends: s.Backends, Timeout: s.Timeout}).Invoke(ctx, req); err != nil {
			return nil, err
		}
	}
	in.RequestID, in.ServiceStatus = serviceRequestID(res.Header), res.Status
	return s.Target.asJSON(res, accept)
}

// standIn asks for an answer in the service's place, within the time that the service
// would have.
func (s *AWSService) standIn(ctx context.Context, req *Request, missing error) (*Response, error) {
	if s.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Timeout)
		defer cancel()
	}
	res, ok := s.Services.StandIn(ctx, &ServiceCall{Request: req, Service: s.Target.Service, Region: s.region(req), Role: s.Role})
	switch {
	case !ok:
		return nil, refused(gwerr.IntegrationFailure, missing)
	case ctx.Err() != nil:
		return nil, gwerr.New(gwerr.IntegrationTimeout, ctx.Err())
	}
	return res, nil
}

// upstream finds out where the service is.
func (s *AWSService) upstream() (*url.URL, error) {
	if s.Services.Upstream != nil {
		if base, ok := s.Services.Upstream(s.Target.Service); ok {
			return url.Parse(base)
		}
	}
	return nil, fmt.Errorf("service %s has no upstream: start postern with --upstream %s=http://HOST:PORT", s.Target.Service, s.Target.Service)
}

func (s *AWSService) credentials(ctx context.Context, rc *reqcontext.Context) (aws.Credentials, error) {
	if s.Services.Credentials == nil {
		return aws.Credentials{}, &RoleError{Role: s.Role}
	}
	creds, err := s.Services.Credentials(ctx, s.Role, rc)
	if err != nil {
		return creds, &RoleError{Role: s.Role, Why: err}
	}
	return creds, nil
}

// refused is AWS's 500 for what never gets as far as the service.
func refused(kind gwerr.Type, err error) error {
	return &gwerr.Error{Type: kind, Status: http.StatusInternalServerError, Message: "Internal server error", Err: err}
}

func serviceRequestID(h http.Header) string {
	if id := h.Get("X-Amzn-Requestid"); id != "" {
		return id
	}
	return h.Get("X-Amz-Request-Id")
}

func (s *AWSService) region(req *Request) string {
	if req.Region != "" {
		return req.Region
	}
	return s.Target.Region
}

// sign adds a signature for the service's own host.
func (s *AWSService) sign(ctx context.Context, req *Request, creds aws.Credentials) error {
	sum := sha256.Sum256(req.Body)
	hash := hex.EncodeToString(sum[:])
	s3 := s.Target.Service == "s3"
	if s3 {
		req.Header["X-Amz-Content-Sha256"] = []string{hash}
	}
	out := standard(req)
	err := v4.NewSigner().SignHTTP(ctx, creds, out, hash, s.Target.signingName(), s.region(req), s.Now(), func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = s3 // AWS: S3 alone takes paths as they are
	})
	if err != nil {
		return fmt.Errorf("sign a request for %s: %w", s.Target.Service, err)
	}
	req.Header = out.Header
	return nil
}

// rebase puts the path and query of a service's URL behind a base URL.
func rebase(base, own *url.URL) *url.URL {
	u := *own
	u.Scheme, u.Host, u.User = base.Scheme, base.Host, base.User
	if prefix := strings.TrimSuffix(base.EscapedPath(), "/"); prefix != "" {
		u.RawPath = prefix + own.EscapedPath()
		u.Path = strings.TrimSuffix(base.Path, "/") + own.Path
	}
	return &u
}
