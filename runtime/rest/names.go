package rest

import (
	"net/http"
	"strings"

	"github.com/postern/postern/runtime/reqcontext"
)

// wellKnown are the headers whose names AWS writes its own way, however the client
// does.
//
// unverified against AWS: all but Authorization and User-Agent.
var wellKnown = map[string]bool{
	"Accept": true, "Accept-Charset": true, "Accept-Encoding": true, "Accept-Language": true, "Authorization": true, "Cache-Control": true,
	"Content-Encoding": true, "Content-Type": true, "Cookie": true, "Date": true, "Host": true, "Origin": true, "Pragma": true, "Range": true,
	"Referer": true, "User-Agent": true, "Via": true, "X-Amzn-Apigateway-Api-Id": true, "X-Amzn-Trace-Id": true, "X-Forwarded-For": true, "X-Forwarded-Port": true,
	"X-Forwarded-Proto": true,
}

// spelled is the name of a client's header as everything behind an API sees it. AWS:
// names that are not well known keep the client's letters.
func spelled(rc *reqcontext.Context, name string) string {
	if rc.SentAs == nil || wellKnown[name] {
		return name
	}
	return rc.SentAs(name)
}

// headerName is a header that mappings and validators name. AWS: they have to spell
// it as the client does.
type headerName struct{ canonical, own string }

func newHeaderName(own string) headerName {
	return headerName{http.CanonicalHeaderKey(own), own}
}

// of gives the client's values of the header, unless it is a dropped one.
func (n headerName) of(c *call) []string {
	switch {
	case dropped[n.canonical]:
		return nil
	case n.canonical == "Host":
		return []string{c.rc.DomainName}
	}
	values := c.rc.Header[n.canonical]
	if len(values) > 0 && c.rc.SentAs != nil && spelled(c.rc, n.canonical) != n.own {
		return nil
	}
	return values
}

// sentName is the name under which a mapped header goes to an HTTP backend: as the
// mapping spells it, but for names that others look for.
func sentName(name string) string {
	canonical := http.CanonicalHeaderKey(name)
	if wellKnown[canonical] || strings.HasPrefix(canonical, "X-Amz") {
		return canonical
	}
	return name
}
