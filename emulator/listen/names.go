package listen

import (
	"net/http"
	"strings"

	"github.com/postern/postern/internal/http1"
)

// SentAs tells how a request's client spelled the names of its headers, which some who
// are behind an API see. It gives a function that turns a canonical name into the
// client's, to be used while the request is served and by one goroutine; nil: not known.
func SentAs(r *http.Request) func(name string) string {
	if r.ProtoMajor > 1 {
		return strings.ToLower // HTTP/2 has no other letters
	}
	return http1.SentAs(r)
}
