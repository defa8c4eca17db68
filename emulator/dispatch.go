package emulator

import (
	"net/http"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/emulator/frontdoor"
	"github.com/postern/postern/emulator/listen"
	"github.com/postern/postern/runtime"
)

// ServeHTTP is the one door: it finds out what a request is for and hands it on.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := frontdoor.FromHTTP(r)
	t := e.door.Classify(req)
	if err := e.door.Admit(&t, req); err != nil {
		t.Refuse(w, r, frontdoor.Refusal{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: err.Error()})
		return
	}
	switch t.Kind {
	case frontdoor.Execute:
		e.services.gateway.ServeAPI(w, r, dataPlaneTarget(&t, r))
	case frontdoor.CustomDomain:
		e.serveCustomDomain(w, r, &t)
	case frontdoor.Postern:
		e.pages.ServeHTTP(w, r)
	case frontdoor.Service:
		e.serveService(w, r, &t)
	default:
		e.upstreams.Serve(w, r, t)
	}
}

func dataPlaneTarget(t *frontdoor.Target, r *http.Request) runtime.Target {
	out := runtime.Target{APIID: t.APIID, Path: t.Path, Host: t.Host, VPCEndpointID: t.VPCEndpoint, SentAs: listen.SentAs(r)}
	if t.PathForm {
		out.Host = ""
	}
	return out
}

// serveService answers a management call, or passes it to the service's upstream.
func (e *Emulator) serveService(w http.ResponseWriter, r *http.Request, t *frontdoor.Target) {
	mux := e.services.muxes[t.Service]
	if mux == nil || e.upstreams.Named(t.Service) {
		e.upstreams.Serve(w, r, *t)
		return
	}
	id := awsapi.Identity{
		Account: t.Account, Region: t.Region, AccessKeyID: t.AccessKey,
		RequestID: frontdoor.NewRequestID(), BaseURL: callerBase(r),
	}
	if e.cfg.VerifySignatures {
		id.Denied = e.verify(r, t)
	}
	mux.ServeHTTP(w, r.WithContext(awsapi.WithIdentity(r.Context(), id)))
}

// callerBase is the emulator's URL as this caller sees it.
func callerBase(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
