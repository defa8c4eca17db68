package httpapi

import (
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

// hopByHop are the headers that end at the gateway, either way.
var hopByHop = map[string]bool{
	"Connection":        true,
	"Proxy-Connection":  true,
	"Keep-Alive":        true,
	"Te":                true,
	"Trailer":           true,
	"Transfer-Encoding": true,
	"Upgrade":           true,
}

// copyForward copies the headers that go on, with room for n more. Values are
// shared: nobody changes them.
func copyForward(h http.Header, n int) http.Header {
	out := make(http.Header, len(h)+n)
	for name, values := range h {
		if !hopByHop[name] {
			out[name] = values
		}
	}
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = textproto.TrimString(name); name != "" {
				delete(out, textproto.CanonicalMIMEHeaderKey(name))
			}
		}
	}
	return out
}

// dropSignature takes away what the gateway has verified.
//
// unverified against AWS: that integrations of signed requests do not see it.
func dropSignature(rc *reqcontext.Context, h http.Header) {
	if rc.Authorizer.Kind == reqcontext.IAMAuthorizer {
		delete(h, "Authorization")
	}
}

var (
	forwardedPort  = []string{"443"}
	forwardedProto = []string{"https"}
)

// eventHeader is what a function gets to see of the client's headers, with what the
// gateway adds.
func eventHeader(rc *reqcontext.Context) http.Header {
	h := copyForward(rc.Header, 6)
	dropSignature(rc, h)
	delete(h, "Via")
	delete(h, "Expect")
	h["Host"] = []string{rc.Host}
	h["Content-Length"] = []string{strconv.FormatInt(rc.BodySize, 10)}
	h["X-Amzn-Trace-Id"] = []string{rc.TraceID}
	h["X-Forwarded-Port"] = forwardedPort
	h["X-Forwarded-Proto"] = forwardedProto
	h["X-Forwarded-For"] = []string{rc.SourceIP}
	if prior := rc.Header["X-Forwarded-For"]; len(prior) > 0 {
		h["X-Forwarded-For"] = []string{strings.Join(prior, ", ") + ", " + rc.SourceIP}
	}
	return h
}

// via is how API Gateway names itself to HTTP backends.
const via = "HTTP/1.1 AmazonAPIGateway"

var viaValue = []string{via}

// backendHeader is what an HTTP backend gets. AWS: Forwarded and Via tell where the
// request comes from, X-Forwarded-* are not added.
func backendHeader(rc *reqcontext.Context) http.Header {
	h := copyForward(rc.Header, 4)
	dropSignature(rc, h)
	delete(h, "Content-Length")
	delete(h, "Expect")             // the gateway has answered it
	own := []string{rc.TraceID, ""} // the values in one piece of memory
	h["X-Amzn-Trace-Id"] = own[:1:1]
	forwarded := "for=" + rc.SourceIP + ";host=" + rc.DomainName + ";proto=https"
	if prior := h["Forwarded"]; len(prior) > 0 {
		forwarded = strings.Join(prior, ", ") + ", " + forwarded
	}
	own[1] = forwarded
	h["Forwarded"] = own[1:]
	if prior := h["Via"]; len(prior) > 0 {
		h["Via"] = []string{strings.Join(prior, ", ") + ", " + via}
	} else {
		h["Via"] = viaValue
	}
	return h
}

// reservedResponse are headers that only the gateway sets on an answer.
func reservedResponse(name string) bool {
	return hopByHop[name] || name == "Content-Length" || name == "Date" || strings.HasPrefix(name, "Apigw-")
}
