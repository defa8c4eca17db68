package authorizer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/sigv4"
)

// AccessKey is an access key and who holds it.
type AccessKey struct {
	sigv4.Key
	// Unverified lets a signature pass as it is, as one of the API's own account:
	// the key is not known, and such keys are accepted.
	Unverified bool

	AccountID string
	ARN       string // of the user, or of the role's session
	UserID    string
	// Tags are the holder's, by their keys in lower case.
	Tags map[string]string
	// Policies are those of the holder, which have to allow the call. Nil: the holder
	// may do everything.
	Policies []*policy.Policy
}

// KeyLookup finds an access key by its id; false: it is not accepted.
type KeyLookup func(accessKeyID string) (AccessKey, bool)

// IAM authorizes callers by their signature (AWS_IAM).
type IAM struct {
	Keys KeyLookup // nil: no key is accepted
	Now  func() time.Time
}

// maxBody is more than any request that an API takes.
const maxBody = 10 << 20

// Authorize is the whole step for routes of HTTP APIs.
//
// AWS: they say Forbidden and no more, whatever the reason.
func (i *IAM) Authorize(ctx context.Context, rc *reqcontext.Context, r *http.Request) error {
	arn := MethodARN(rc)
	v, err := i.identify(ctx, rc, r, arn)
	a := &rc.Authorizer
	a.Kind = reqcontext.IAMAuthorizer
	if err == nil && either.join(v.outcome, policy.Silent) == policy.Allow {
		a.Decision = string(exchange.Allow)
		return nil
	}
	a.Decision = string(exchange.Unauthorized)
	if err == nil {
		a.Decision, err = string(exchange.Deny), errPolicy
	}
	a.Error = err.Error()
	return gwerr.New(gwerr.AccessDenied, err)
}

func (i *IAM) kind() (reqcontext.AuthorizerKind, string) { return reqcontext.IAMAuthorizer, "" }

// identify verifies the signature and notes whose it is.
func (i *IAM) identify(_ context.Context, rc *reqcontext.Context, r *http.Request, arn string) (verdict, error) {
	start := i.Now()
	id, caller, bad := i.verify(rc, r)
	rc.Authorizer.Latency = i.Now().Sub(start)
	if bad != nil {
		return verdict{}, signatureError(bad, r.Header)
	}
	if caller.Unverified {
		caller.AccountID, caller.UserID, caller.ARN = rc.AccountID, rc.AccountID, "arn:aws:iam::"+rc.AccountID+":root"
	}
	who := &rc.Identity
	who.AccessKey, who.AccountID = id, caller.AccountID
	who.Caller, who.User, who.UserARN = caller.UserID, caller.UserID, caller.ARN
	v := verdict{outcome: policy.Allow, caller: &caller}
	if caller.AccountID != rc.AccountID {
		v.rule = both
	}
	if caller.Policies != nil {
		v.outcome = policy.EvaluateAll(caller.Policies, request(rc, arn, &caller))
	}
	return v, nil
}

func (i *IAM) verify(rc *reqcontext.Context, r *http.Request) (string, AccessKey, *sigv4.Error) {
	sig, bad := sigv4.Parse(r.Header, r.URL.RawQuery)
	if bad != nil {
		return "", AccessKey{}, bad
	}
	var key AccessKey
	ok := false
	if i.Keys != nil {
		key, ok = i.Keys(sig.AccessKeyID)
	}
	if !ok {
		return "", key, &sigv4.Error{Type: "UnrecognizedClientException", Message: "The security token included in the request is invalid."}
	}
	if key.Unverified {
		return sig.AccessKeyID, key, nil
	}
	bad = sig.Verify(sigv4.Request{
		Method: r.Method, Host: r.Host, Path: wirePath(r), Query: r.URL.RawQuery, Header: r.Header, Length: r.ContentLength,
		BodyHash: func() (string, error) { return hashBody(r) },
	}, key.Key, sigv4.Scope{Region: rc.Region, Service: "execute-api"}, i.Now())
	return sig.AccessKeyID, key, bad
}

// wirePath is the path as the client sent and signed it.
func wirePath(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		path, _, _ := strings.Cut(r.RequestURI, "?")
		return path
	}
	return r.URL.EscapedPath()
}

var errLarge = errors.New("body is too large to be signed")

// hashBody reads the body, keeps it for those behind, and gives its SHA-256.
func hashBody(r *http.Request) (string, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1)); err != nil {
			return "", err
		}
		if len(body) > maxBody {
			return "", errLarge
		}
		r.Body = struct {
			io.Reader
			io.Closer
		}{bytes.NewReader(body), r.Body}
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// signatureError gives a refused signature the gateway response type that a REST API
// answers with; the error's own type goes into its header.
func signatureError(bad *sigv4.Error, h http.Header) *gwerr.Error {
	e := &gwerr.Error{Type: gwerr.InvalidSignature, Message: bad.Message, Err: bad, Header: http.Header{"x-amzn-ErrorType": {bad.Type}}}
	switch bad.Type {
	case "MissingAuthenticationTokenException":
		e.Type = gwerr.MissingAuthenticationToken
	case "ExpiredTokenException":
		e.Type = gwerr.ExpiredToken
	case "IncompleteSignatureException":
		if !strings.HasPrefix(h.Get("Authorization"), "AWS4-") {
			e.Type = gwerr.MissingAuthenticationToken
		}
	}
	return e
}

// NoMethod is what a REST API answers where no method matches.
//
// AWS: it takes the Authorization header for a signature all the same, and complains
// of one that is none.
func NoMethod(h http.Header) *gwerr.Error {
	if h.Get("Authorization") != "" {
		if _, bad := sigv4.Parse(h, ""); bad != nil && bad.Type == "IncompleteSignatureException" {
			return signatureError(bad, h)
		}
	}
	return gwerr.New(gwerr.MissingAuthenticationToken, nil)
}
