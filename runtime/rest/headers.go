package rest

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/postern/postern/runtime/reqcontext"
)

// dropped are the request headers that AWS removes before anything sees them.
var dropped = map[string]bool{
	"Connection": true, "Content-Length": true, "Content-Md5": true, "Expect": true, "Max-Forwards": true,
	"Proxy-Authenticate": true, "Server": true, "Te": true, "Transfer-Encoding": true, "Trailer": true,
	"Upgrade": true, "Www-Authenticate": true,
}

// methodOverride is the header that names the verb which counts. AWS: it goes no
// further unless it is mapped.
const methodOverride = "X-Http-Method-Override"

// clientHeader copies what is left of the client's headers, with room for n more.
// Values are shared: nobody changes them.
func clientHeader(rc *reqcontext.Context, n int) http.Header {
	out := make(http.Header, len(rc.Header)+n)
	for name, values := range rc.Header {
		if !dropped[name] && name != methodOverride {
			out[spelled(rc, name)] = values
		}
	}
	return out
}

var (
	forwardedPort  = []string{"443"}
	forwardedProto = []string{"https"}
)

// eventHeader is what a function gets to see.
func eventHeader(c *call) http.Header {
	rc := c.rc
	h := clientHeader(rc, 5)
	h["Host"] = []string{rc.DomainName}
	h["X-Amzn-Trace-Id"] = []string{rc.TraceID}
	h["X-Forwarded-Port"] = forwardedPort
	h["X-Forwarded-Proto"] = forwardedProto
	h["X-Forwarded-For"] = []string{rc.SourceIP}
	if prior := c.rc.Header["X-Forwarded-For"]; len(prior) > 0 {
		h["X-Forwarded-For"] = []string{strings.Join(prior, ", ") + ", " + rc.SourceIP}
	}
	return h
}

// noValue keeps net/http from adding a header of its own.
var noValue = []string(nil)

// proxyHeader is what an HTTP_PROXY backend gets. AWS: no X-Forwarded-*, unlike for
// functions.
func proxyHeader(c *call) http.Header {
	h := clientHeader(c.rc, 3)
	delete(h, "Content-Encoding")
	delete(h, "Via")
	if signed(c, h) {
		delete(h, "Authorization")
	}
	if h["User-Agent"] == nil {
		h["User-Agent"] = noValue
	}
	gatewayHeader(c, h)
	return h
}

// signed tells whether the Authorization header is the gateway's own affair: AWS keeps
// it from integrations where it holds a signature or the method asks for one.
func signed(c *call, h http.Header) bool {
	return strings.HasPrefix(h.Get("Authorization"), "AWS4-HMAC-SHA256") || c.rc.Authorizer.Kind == reqcontext.IAMAuthorizer
}

// customHeader is what an HTTP or AWS backend gets: nothing of the client's but the
// type of its body.
func customHeader(c *call) http.Header {
	h := http.Header{
		"Accept":     jsonType,
		"User-Agent": {"AmazonAPIGateway_" + c.rc.APIID},
	}
	if hasRequestBody(c.rc.Method) {
		if contentType := c.r.Header["Content-Type"]; contentType != nil {
			h["Content-Type"] = contentType
		} else {
			h["Content-Type"] = jsonType
		}
	}
	gatewayHeader(c, h)
	return h
}

func gatewayHeader(c *call, h http.Header) {
	own := []string{c.rc.APIID, c.rc.TraceID} // the values in one piece of memory
	h["X-Amzn-Apigateway-Api-Id"] = own[:1:1]
	h["X-Amzn-Trace-Id"] = own[1:]
}

func hasRequestBody(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

const remapped = "x-amzn-Remapped-"

// responseNames are the response headers that do not reach the client under their names,
// in lower case.
type responseNames struct {
	remapped map[string]string // to the other name that they come back under
	dropped  map[string]bool
}

// otherNames makes the names under which headers come back.
func otherNames(names ...string) map[string]string {
	out := make(map[string]string, len(names))
	for _, name := range names {
		out[strings.ToLower(name)] = remapped + name
	}
	return out
}

// mappedNames are for headers that a mapping sets.
var mappedNames = &responseNames{remapped: otherNames(
	"Connection", "Content-Length", "Date", "Server", "Authorization", "Content-Md5", "Expect", "Host", "Max-Forwards",
	"Proxy-Authenticate", "Trailer", "Upgrade", "User-Agent", "Www-Authenticate", "X-Amzn-Requestid",
)}

// proxiedNames are for those of a proxied backend or function.
var proxiedNames = &responseNames{
	remapped: otherNames(
		"Connection", "Content-Length", "Date", "Server", "Www-Authenticate", "User-Agent", "Max-Forwards", "Content-Md5",
		"Authorization", "X-Amzn-Requestid",
	),
	dropped: map[string]bool{
		"expect": true, "host": true, "proxy-authenticate": true, "te": true, "trailer": true, "upgrade": true, "via": true,
	},
}

// client gives the name under which the client gets a header; ok is false where it does
// not.
func (n *responseNames) client(name string) (as string, ok bool) {
	var buf [64]byte // on the stack: most names fit
	lower := appendLower(buf[:0], name)
	if n.dropped[string(lower)] || string(lower) == "transfer-encoding" || !httpguts.ValidHeaderFieldName(name) {
		return "", false
	}
	if as = n.remapped[string(lower)]; as != "" {
		if as[len(remapped):] != name { // written otherwise
			as = remapped + name
		}
		return as, true
	}
	if string(lower) == "content-type" {
		return "Content-Type", true
	}
	return name, true
}

// setResponseHeader puts a header into the client's answer, under its own name or
// under the one that AWS gives it. AWS: names keep the letters' case that the
// backend or the mapping gives them.
func setResponseHeader(h http.Header, name string, values []string, names *responseNames) {
	name, ok := names.client(name)
	if !ok {
		return
	}
	name, values = sameName(h, name), inLines(values)
	if have := h[name]; len(have) > 0 {
		values = append(have, values...)
	}
	if len(values) > 0 {
		// Values are shared: nobody appends to them in place.
		h[name] = slices.Clip(values)
	}
}

// inLines leaves out what would break a line.
func inLines(values []string) []string {
	if !slices.ContainsFunc(values, breaksLine) {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), breaksLine)
}

func breaksLine(v string) bool { return strings.ContainsAny(v, "\r\n\x00") }

// appendLower appends a header's name in lower case.
func appendLower(b []byte, name string) []byte {
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// sameName gives the name under which a header has the given one already, whatever
// its letters' case.
func sameName(h http.Header, name string) string {
	if _, ok := h[name]; ok {
		return name
	}
	for have := range h {
		if len(have) == len(name) && strings.EqualFold(have, name) {
			return have
		}
	}
	return name
}
