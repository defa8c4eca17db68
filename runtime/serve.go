package runtime

import (
	"net"
	"net/http"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// Target is what the front door knows of a data-plane request.
type Target struct {
	APIID string
	// Path is the escaped path, the stage first whatever form the URL had. Under
	// a custom domain it is the path as the client sent it.
	Path string
	// Host is the name that was called, lower case and without a port. Empty
	// when the URL named the API in its path: the host then says nothing, and
	// the request counts as one to the API's default endpoint.
	Host string
	// Mapping is set when a custom domain's mapping chose the API and stage.
	Mapping       *Mapping
	VPCEndpointID string
	ClientCert    *reqcontext.ClientCert
	// SentAs gives the client's spelling of a header's canonical name; nil: not known.
	SentAs func(name string) string
}

// Mapping is the custom domain mapping that a request came by.
type Mapping struct {
	Stage    string // empty: Rest begins with it
	BasePath string // what matched, without slashes around it; "" is the root
	Rest     string // the path behind what was taken off it
	RuleID   string // of the routing rule, if one led here
}

// path is the target's path. A URL that names the API in its path has to name the
// stage too, so $default stands there although no execute-api host has it.
func (t *Target) path() string {
	if t.Host != "" {
		return t.Path
	}
	for _, prefix := range [...]string{"/$default", "/%24default"} {
		if rest, ok := strings.CutPrefix(t.Path, prefix); ok && (rest == "" || rest[0] == '/') {
			return "/" + strings.TrimPrefix(rest, "/")
		}
	}
	return t.Path
}

// ServeAPI answers one request and publishes its exchange record.
func (g *Gateway) ServeAPI(w http.ResponseWriter, r *http.Request, t Target) {
	t.Path = t.path()
	rc := g.begin(r, t)
	a := (*g.table.Load())[t.APIID]
	var p *published
	if a == nil {
		refuseUnknown(w, rc)
	} else {
		p = a.serve(w, r, rc, t)
	}
	rc.Latency = g.cfg.Now().Sub(rc.Start)
	if g.cfg.Exchanges != nil {
		g.cfg.Exchanges.Publish(record(rc, a, p))
	}
	if rc.Truncated {
		// net/http's way to break the connection off: the client notices.
		panic(http.ErrAbortHandler)
	}
}

func (g *Gateway) begin(r *http.Request, t Target) *reqcontext.Context {
	rc := &reqcontext.Context{
		Start:     g.cfg.Now(),
		Method:    r.Method,
		Host:      r.Host,
		Path:      t.Path,
		RawQuery:  r.URL.RawQuery,
		Header:    r.Header,
		SentAs:    t.SentAs,
		UserAgent: r.Header.Get("User-Agent"),
		// AWS: clients may speak HTTP/2, APIs only ever hear of HTTP/1.1.
		Protocol:      "HTTP/1.1",
		SourceIP:      sourceIP(r.RemoteAddr),
		DomainName:    t.Host,
		APIID:         t.APIID,
		VPCEndpointID: t.VPCEndpointID,
		ClientCert:    t.ClientCert,
		TLS:           r.TLS,
	}
	if t.VPCEndpointID != "" {
		rc.Identity.VPCID = g.cfg.VPCs[t.VPCEndpointID]
	}
	return rc
}

// serve answers the request and gives the stage that did, nil if none.
func (a *api) serve(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context, t Target) *published {
	rc.AccountID, rc.Region = a.AccountID, a.Region
	if rc.DomainName == "" {
		rc.DomainName = a.ID + ".execute-api." + a.Region + ".amazonaws.com"
	}
	rc.DomainPrefix, _, _ = strings.Cut(rc.DomainName, ".")
	a.kind.Begin(rc)

	stage, rest, ok := a.stageOf(t)
	p := a.stages[stage]
	if !ok || p == nil || (p.snapshot.DisableDefaultEndpoint && t.Mapping == nil) {
		a.kind.Refuse(w, r, rc)
		return nil
	}
	rc.Stage, rc.RoutePath = stage, rest
	rc.DeploymentID, rc.StageVariables = p.snapshot.DeploymentID, p.snapshot.Variables
	if p.snapshot.REST != nil {
		rc.EndpointType = p.snapshot.REST.Deployment.EndpointType
	}
	if t.Mapping != nil {
		rc.CustomDomain, rc.BasePathMatched, rc.RoutingRuleID = true, t.Mapping.BasePath, t.Mapping.RuleID
	}
	p.Serve(w, r, rc)
	return p
}

func (a *api) stageOf(t Target) (stage, rest string, ok bool) {
	rest = t.Path
	if t.Mapping != nil {
		if rest = t.Mapping.Rest; t.Mapping.Stage != "" {
			return t.Mapping.Stage, rest, true
		}
	}
	return a.kind.SelectStage(rest, a.has)
}

// Refuse answers a request to a custom domain name that leads to no API, as that kind
// of API refuses, and publishes its exchange record.
func (g *Gateway) Refuse(w http.ResponseWriter, r *http.Request, t Target, as snapshot.Kind) {
	rc := g.begin(r, t)
	rc.DomainPrefix, _, _ = strings.Cut(rc.DomainName, ".")
	if kind := g.cfg.Types[as]; kind != nil {
		kind.Begin(rc)
		kind.Refuse(w, r, rc)
	} else {
		refuseUnknown(w, rc)
	}
	rc.Latency = g.cfg.Now().Sub(rc.Start)
	if g.cfg.Exchanges != nil {
		g.cfg.Exchanges.Publish(record(rc, nil, nil))
	}
}

// refuseUnknown answers for an API that does not exist.
//
// unverified against AWS: which of the API types' answers an unknown id gets.
func refuseUnknown(w http.ResponseWriter, rc *reqcontext.Context) {
	const body = `{"message":"Not Found"}`
	rc.Status, rc.ResponseLength = http.StatusNotFound, int64(len(body))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte(body)) // the client has gone: nobody to tell
}

func sourceIP(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}
