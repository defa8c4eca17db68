package rest

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/reqcontext"
)

var stageVariable = lazyregexp.New(`\$\{stageVariables\.([A-Za-z0-9_]+)\}`)

// expandStageVariables puts a stage's variables into a text. A variable that the
// stage lacks is empty; any other ${…} stays.
func expandStageVariables(text string, variables map[string]string) string {
	if !strings.Contains(text, "${stageVariables.") {
		return text
	}
	return stageVariable().ReplaceAllStringFunc(text, func(m string) string {
		return variables[stageVariable().FindStringSubmatch(m)[1]]
	})
}

// backendURL is an integration's URI, its stage variables in place.
type backendURL struct {
	fixed *url.URL // nil: there are path parameters in it
	parts []string // literal text and names of path parameters, in turn
}

var (
	pathPlaceholder = lazyregexp.New(`\{([^{}+]+)\+?\}`)
	errEndpoint     = errors.New("invalid endpoint address")
)

func compileURL(uri string) (*backendURL, error) {
	found := pathPlaceholder().FindAllStringSubmatchIndex(uri, -1)
	if len(found) == 0 {
		u, err := parseBackend(uri)
		return &backendURL{fixed: u}, err
	}
	out := &backendURL{}
	at := 0
	for _, f := range found {
		out.parts = append(out.parts, uri[at:f[0]], uri[f[2]:f[3]])
		at = f[1]
	}
	out.parts = append(out.parts, uri[at:])
	return out, nil
}

// expand gives the address for one call, which may change it.
//
// AWS: placeholders take the integration's path parameters, not the method's; one
// that has none stays as it is written, and makes the address invalid in a host.
func (b *backendURL) expand(params map[string]string) (*url.URL, error) {
	if b.fixed != nil {
		u := *b.fixed
		return &u, nil
	}
	var s strings.Builder
	for i, part := range b.parts {
		switch {
		case i%2 == 0:
			s.WriteString(part)
		case params[part] != "":
			s.WriteString(params[part])
		default:
			s.WriteString("{" + part + "}")
		}
	}
	return parseBackend(s.String())
}

func parseBackend(uri string) (*url.URL, error) {
	path, query, asked := strings.Cut(uri, "?")
	if path = reqcontext.EscapePath(path); asked {
		path += "?" + strings.ReplaceAll(query, " ", "%20")
	}
	u, err := url.Parse(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errEndpoint, err)
	}
	if u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%w: %s", errEndpoint, uri)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// addQuery appends to a URL's query: what the client sent, then what was mapped.
func addQuery(u *url.URL, raw string, mapped url.Values) {
	for _, more := range []string{raw, mapped.Encode()} {
		switch {
		case more == "":
		case u.RawQuery == "":
			u.RawQuery = more
		default:
			u.RawQuery += "&" + more
		}
	}
}
