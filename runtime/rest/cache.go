package rest

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"time"

	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/cache"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

// responseCache answers from the stage's cache cluster what it can.
type responseCache interface {
	// Get gives a cached answer, or nil.
	Get(c *call) (*integration.Response, error)
	// Put caches the answer that Get did not have.
	Put(c *call, res *integration.Response)
}

// FlushCache forgets what a stage has cached.
func (t *Type) FlushCache(apiID, stage string) { t.clusters.Flush(apiID, stage) }

func (open) Get(*call) (*integration.Response, error) { return nil, nil }
func (open) Put(*call, *integration.Response)         {}

// methodCache is the cache of one method.
type methodCache struct {
	cluster   *cache.Cluster
	settings  map[string]snapshot.RESTMethodSettings // by verb; others are not cached
	namespace string
	key       []source
	ownCanary bool // the canary does not share the stage's cache
	keys      auth.KeyLookup
	policy    *policy.Policy
}

// everyVerb are those that a method ANY serves.
var everyVerb = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// cache compiles a method's cache.
//
// AWS: what is set for all methods caches GET only; other verbs need settings of
// their own.
func (c *compiler) cache(path string, m *snapshot.RESTMethod) (responseCache, error) {
	rest := c.stage.REST
	if !rest.CacheClusterEnabled || m.Integration.TransferMode == transferStream {
		return open{}, nil
	}
	out := &methodCache{settings: map[string]snapshot.RESTMethodSettings{}, namespace: m.Integration.CacheNamespace, keys: c.deps.AccessKeys}
	verbs := []string{m.HTTPMethod}
	if m.HTTPMethod == anyVerb {
		verbs = everyVerb
	}
	for _, verb := range verbs {
		ms, key := c.settings(path, m.HTTPMethod, verb)
		if key == "*/*" && verb != http.MethodGet {
			continue
		}
		if ms.CachingEnabled && ms.CacheTTLSeconds > 0 {
			out.settings[verb] = ms
		}
	}
	if len(out.settings) == 0 {
		return open{}, nil
	}
	for _, expr := range m.Integration.CacheKeyParameters {
		from, err := cacheKeySource(expr, &m.Integration)
		if err != nil {
			return nil, err
		}
		out.key = append(out.key, from)
	}
	if c.api.Policy != "" {
		// One that makes no sense lets nobody in, as the method's guard has found.
		out.policy, _ = c.resourcePolicy()
	}
	out.ownCanary = rest.Canary != nil && !rest.Canary.UseStageCache
	out.cluster = c.clusters.Open(c.stage.API.ID, c.stage.Name, rest.CacheClusterSize)
	return out, nil
}

// cacheKeySource compiles a key parameter. One of the integration's request is what
// its mapping says, or what a proxy passes on.
func cacheKeySource(expr string, in *snapshot.RESTIntegration) (source, error) {
	name, ok := strings.CutPrefix(expr, "integration.request.")
	if !ok {
		return compileSource(expr)
	}
	if mapped, ok := in.RequestParameters[expr]; ok {
		return compileSource(mapped)
	}
	if in.Type == "HTTP_PROXY" {
		return compileSource("method.request." + name)
	}
	return func(*call, *answer) ([]string, error) { return nil, nil }, nil
}

// unverified against AWS: the gateway response's type and the body.
var invalidationRefused = &gwerr.Error{
	Type: gwerr.Default4XX, Status: http.StatusForbidden, Message: "Forbidden", Header: http.Header{"x-amzn-ErrorType": {"ForbiddenException"}},
	Err: errors.New("the caller may not invalidate the cache"),
}

// transferStream is the transfer mode of responses that are passed on as they come.
const transferStream = "STREAM"

const (
	refuseInvalidation = "FAIL_WITH_403"
	warnInvalidation   = "SUCCEED_WITH_RESPONSE_HEADER"

	invalidationWarning = "199 Cache-control headers were ignored because the caller was unauthorized."
)

// Get looks the answer up, unless a client that may do so asks for a fresh one.
//
// AWS: nothing but the namespace, the verb and the key parameters tell requests
// apart, not even the path or who calls.
func (m *methodCache) Get(c *call) (*integration.Response, error) {
	ms, ok := m.settings[c.rc.Method]
	if !ok {
		return nil, nil
	}
	fresh := false
	if wantsFresh(c.r.Header) {
		fresh = !ms.RequireAuthorizationForCacheControl || auth.MayInvalidate(c.rc, m.keys, m.policy)
		switch {
		case fresh:
		case ms.UnauthorizedCacheControlHeaderStrategy == refuseInvalidation:
			return nil, invalidationRefused
		case ms.UnauthorizedCacheControlHeaderStrategy == warnInvalidation:
			c.cached.warn = true
		}
	}
	parts := make([][]string, 0, len(m.key)+3)
	parts = append(parts, []string{m.namespace}, []string{c.rc.Method}, nil)
	if m.ownCanary && c.rc.Canary {
		parts[2] = []string{"canary"}
	}
	for _, from := range m.key {
		v, err := from(c, nil)
		if err != nil {
			return nil, err
		}
		parts = append(parts, v)
	}
	c.cached.key = cache.Key(parts...)
	if !fresh {
		if e, ok := m.cluster.Get(c.cached.key); ok {
			c.rc.Integration.CacheHit = true
			return m.answer(c, e), nil
		}
	}
	c.rc.Integration.CacheMiss = true
	return nil, nil
}

// answer makes a response of what was cached, for this request.
func (m *methodCache) answer(c *call, e *cache.Entry) *integration.Response {
	header := make(http.Header, len(e.Header)+3)
	maps.Copy(header, e.Header)
	if header["X-Amzn-Trace-Id"] != nil {
		header["X-Amzn-Trace-Id"] = []string{c.rc.TraceID}
	}
	c.cached.mark(header)
	return &integration.Response{Status: e.Status, Header: header, Body: e.Body}
}

// Put keeps an answer that went well.
//
// unverified against AWS: which answers count as such.
func (m *methodCache) Put(c *call, res *integration.Response) {
	if c.cached.key == "" {
		return
	}
	if res.Status < http.StatusBadRequest && res.Stream == nil {
		m.cluster.Put(c.cached.key, cache.Entry{Status: res.Status, Header: maps.Clone(res.Header), Body: res.Body},
			time.Duration(m.settings[c.rc.Method].CacheTTLSeconds)*time.Second)
	}
	c.cached.mark(res.Header)
}

// cached is what a request has to do with the cache.
type cached struct {
	key  string // empty: nothing
	warn bool   // its Cache-Control was ignored, and the answer says so
}

func (m *cached) mark(h http.Header) {
	if m.warn {
		h["Warning"] = []string{invalidationWarning}
	}
}

// wantsFresh tells whether a client sent Cache-Control: max-age=0.
func wantsFresh(h http.Header) bool {
	for _, line := range h["Cache-Control"] {
		for directive := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.ReplaceAll(directive, " ", ""), "max-age=0") {
				return true
			}
		}
	}
	return false
}
