package httpapi

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/reqcontext"
)

// urlTemplate is an integration URI whose {names} are path variables.
type urlTemplate struct {
	fixed url.URL // without variables: the whole URI
	path  []piece // with variables: the escaped path
	query []piece
}

// piece is literal text, or the variable to put in its place.
type piece struct{ text, variable string }

// A greedy variable is written with or without its plus sign.
var pathVariable = lazyregexp.New(`\{([A-Za-z0-9._-]+)\+?\}`)

func parseURL(uri string) (*urlTemplate, error) {
	base, query, _ := strings.Cut(uri, "?")
	scheme, rest, ok := strings.Cut(base, "://")
	if !ok || (scheme != "http" && scheme != "https") {
		return nil, fmt.Errorf("%s is no HTTP URL", uri)
	}
	host, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	u, err := url.Parse(scheme + "://" + host)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%s is no HTTP URL", uri)
	}
	t := &urlTemplate{fixed: url.URL{Scheme: u.Scheme, Host: u.Host, User: u.User}}
	if pathVariable().MatchString(path) || pathVariable().MatchString(query) {
		t.path, t.query = pieces(path), pieces(query)
		return t, nil
	}
	setPath(&t.fixed, path)
	t.fixed.RawQuery = query
	return t, nil
}

func pieces(s string) []piece {
	out := []piece{} // never nil: nil says that there are no variables
	at := 0
	for _, m := range pathVariable().FindAllStringSubmatchIndex(s, -1) {
		out = append(out, piece{text: s[at:m[0]]}, piece{variable: s[m[2]:m[3]]})
		at = m[1]
	}
	return append(out, piece{text: s[at:]})
}

// expand gives a URL of the caller's own.
func (t *urlTemplate) expand(rc *reqcontext.Context) *url.URL {
	u := t.fixed
	if t.path != nil {
		setPath(&u, expand(t.path, rc, escapePath))
		u.RawQuery = expand(t.query, rc, url.QueryEscape)
	}
	return &u
}

func expand(pieces []piece, rc *reqcontext.Context, escape func(string) string) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.variable == "" {
			b.WriteString(p.text)
			continue
		}
		if v, ok := rc.PathParameter(p.variable); ok {
			b.WriteString(escape(v))
		}
	}
	return b.String()
}

// escapePath escapes a decoded value for a path; slashes stay, since a greedy
// variable has them.
func escapePath(s string) string {
	u := url.URL{Path: s}
	return u.EscapedPath()
}
