package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/snapshot"
)

// cors answers for a CORS configuration; the zero value for an API without one.
type cors struct {
	configured  bool
	anyOrigin   bool
	origins     []string
	schemes     []string // "https://" of https://*
	credentials bool
	onPreflight http.Header
	onResponse  http.Header
}

func compileCORS(c *snapshot.CORS) *cors {
	if c == nil {
		return &cors{}
	}
	out := &cors{
		configured:  true,
		credentials: c.AllowCredentials != nil && *c.AllowCredentials,
		onPreflight: http.Header{},
		onResponse:  http.Header{},
	}
	for _, o := range c.AllowOrigins {
		switch {
		case o == "*":
			out.anyOrigin = true
		case strings.HasSuffix(o, "://*"):
			out.schemes = append(out.schemes, strings.TrimSuffix(o, "*"))
		default:
			out.origins = append(out.origins, o)
		}
	}
	set := func(h http.Header, name string, list []string) {
		if len(list) > 0 {
			h[name] = []string{strings.Join(list, ",")}
		}
	}
	set(out.onPreflight, "Access-Control-Allow-Methods", c.AllowMethods)
	set(out.onPreflight, "Access-Control-Allow-Headers", lowerAll(c.AllowHeaders))
	set(out.onResponse, "Access-Control-Expose-Headers", c.ExposeHeaders)
	if c.MaxAge != nil {
		out.onPreflight["Access-Control-Max-Age"] = []string{strconv.Itoa(*c.MaxAge)}
	}
	return out
}

func lowerAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

// preflight tells whether the API answers the request itself.
func (c *cors) preflight(rc *reqcontext.Context) bool {
	return c.configured && rc.Method == http.MethodOptions &&
		rc.Header["Origin"] != nil && rc.Header["Access-Control-Request-Method"] != nil
}

// decorate puts the configuration's headers on an answer in place of the
// integration's own.
func (c *cors) decorate(rc *reqcontext.Context, res *integration.Response) {
	if !c.configured {
		return
	}
	for name := range res.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			delete(res.Header, name)
		}
	}
	origin := rc.Header.Get("Origin")
	if origin == "" || !c.allows(origin) {
		return
	}
	if c.anyOrigin {
		res.Header["Access-Control-Allow-Origin"] = []string{"*"}
	} else {
		res.Header["Access-Control-Allow-Origin"] = []string{origin}
	}
	if c.credentials {
		res.Header["Access-Control-Allow-Credentials"] = []string{"true"}
	}
	if c.preflight(rc) {
		merge(res.Header, c.onPreflight)
		return
	}
	merge(res.Header, c.onResponse)
	if !c.anyOrigin {
		res.Header["Vary"] = append(slices.Clip(res.Header["Vary"]), "origin")
	}
}

func (c *cors) allows(origin string) bool {
	if c.anyOrigin || slices.Contains(c.origins, origin) {
		return true
	}
	return slices.ContainsFunc(c.schemes, func(scheme string) bool { return strings.HasPrefix(origin, scheme) })
}

func merge(dst, src http.Header) {
	for name, values := range src {
		dst[name] = values
	}
}
