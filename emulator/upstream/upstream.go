package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/postern/postern/emulator/frontdoor"
)

// Any is the key of the upstream for every service without its own.
const Any = "*"

// Upstreams forwards requests of services. It is safe for concurrent use.
type Upstreams struct {
	bases     map[string]*url.URL
	transport *http.Transport
	log       *slog.Logger
}

// New makes Upstreams from base URLs by service name, Any for the rest.
func New(bases map[string]*url.URL, log *slog.Logger) *Upstreams {
	named := make(map[string]*url.URL, len(bases))
	for service, base := range bases {
		named[frontdoor.ServiceName(service)] = base
	}
	return &Upstreams{
		bases: named,
		log:   log.With("component", "upstream"),
		transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			MaxIdleConnsPerHost:   64,
			IdleConnTimeout:       90 * time.Second,
			ExpectContinueTimeout: time.Second,
			// The client's own Accept-Encoding decides.
			DisableCompression: true,
		},
	}
}

// Named says whether the user gave this service an upstream by name, which is
// to say: use that, even where Postern has the service.
func (u *Upstreams) Named(service string) bool {
	_, ok := u.bases[service]
	return ok && service != Any
}

// Base gives the base URL of a service's upstream, its own or the one for all.
func (u *Upstreams) Base(service string) (*url.URL, bool) {
	base := u.find(frontdoor.ServiceName(service))
	return base, base != nil
}

// Close drops idle connections.
func (u *Upstreams) Close() { u.transport.CloseIdleConnections() }

// Serve passes r on, or refuses it. A target without a service is taken for
// S3 in path style, of which nothing but the path tells.
func (u *Upstreams) Serve(w http.ResponseWriter, r *http.Request, t frontdoor.Target) {
	if t.Service == "" {
		u.serveUnclaimed(w, r, t)
		return
	}
	base := u.find(t.Service)
	if base == nil {
		t.Refuse(w, r, missing(t))
		return
	}
	u.forward(w, r, t, base)
}

func (u *Upstreams) find(service string) *url.URL {
	if base := u.bases[service]; base != nil {
		return base
	}
	if service == "dynamodbstreams" && u.bases["dynamodb"] != nil {
		return u.bases["dynamodb"] // one endpoint wherever it is emulated
	}
	return u.bases[Any]
}

func (u *Upstreams) serveUnclaimed(w http.ResponseWriter, r *http.Request, t frontdoor.Target) {
	// Users' traffic to an API is nobody else's, even if the API is unknown.
	if base := u.find("s3"); base != nil && !t.DataPlane() {
		t.Kind, t.Service, t.Protocol = frontdoor.Service, "s3", frontdoor.RESTXML
		u.forward(w, r, t, base)
		return
	}
	t.Refuse(w, r, frontdoor.Refusal{
		Status: http.StatusNotFound,
		Message: fmt.Sprintf("%s %s on %s is for no API, AWS service or page that Postern has. "+
			"APIs answer at {api}.execute-api.localhost and /_aws/execute-api/{api}/{stage}/, health at /_postern/health.",
			r.Method, r.URL.Path, r.Host),
	})
}

// missing explains a service that nobody serves. 501, since a 404 reads as
// "no such resource" to Terraform and most 5xx make SDKs try again.
func missing(t frontdoor.Target) frontdoor.Refusal {
	what := "service " + t.Service
	if t.Operation != "" {
		what = t.Service + " (" + t.Operation + ")"
	}
	why := frontdoor.Refusal{
		Status: http.StatusNotImplemented,
		Code:   "UnknownOperationException",
		Message: fmt.Sprintf("%s is not implemented by Postern and no upstream is configured; "+
			"to pass its requests on, start postern with --upstream %s=http://HOST:PORT", what, t.Service),
	}
	switch t.Protocol {
	case frontdoor.Query, frontdoor.EC2Query:
		why.Code = "InternalFailure"
	case frontdoor.RESTXML:
		why.Code = "NotImplemented"
	}
	return why
}

func (u *Upstreams) forward(w http.ResponseWriter, r *http.Request, t frontdoor.Target, base *url.URL) {
	proxy := httputil.ReverseProxy{
		Transport:     u.transport,
		FlushInterval: -1, // streams go through as they come
		ErrorLog:      slog.NewLogLogger(u.log.Handler(), slog.LevelDebug),
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetXForwarded()
			p.Out.URL = rebase(base, t.Path, p.In.URL.RawQuery)
			// Signatures cover the Host that the client called.
			p.Out.Host = p.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
				return // the client went away
			}
			u.log.WarnContext(r.Context(), "upstream failed", "service", t.Service, "upstream", base.String(), "err", err)
			t.Refuse(w, r, frontdoor.Refusal{
				Status:  http.StatusBadGateway,
				Code:    "ServiceUnavailable",
				Message: fmt.Sprintf("upstream %s of service %s: %v", base, t.Service, err),
			})
		},
	}
	proxy.ServeHTTP(w, r)
}

// rebase puts a path and query, as they came, behind a base URL.
func rebase(base *url.URL, path, query string) *url.URL {
	u := *base
	whole := strings.TrimSuffix(base.EscapedPath(), "/") + path
	u.RawQuery = query
	// Opaque is sent as it stands, where Path would be encoded anew; but two
	// slashes in front of it mean something else.
	if !strings.HasPrefix(whole, "//") {
		u.Path, u.RawPath, u.Opaque = "", "", whole
		return &u
	}
	if decoded, err := url.PathUnescape(whole); err == nil {
		u.Path, u.RawPath = decoded, whole
	} else {
		u.Path, u.RawPath = whole, ""
	}
	return &u
}
