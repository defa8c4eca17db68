package frontdoor

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Request is the part of a request that classification looks at.
type Request struct {
	Method string
	Host   string // Host header, or :authority
	Path   string // escaped, as on the wire
	Query  string // escaped, as on the wire
	Header http.Header
	// Form gives a form-encoded body. It is called only for an unsigned POST
	// of a form that nothing else names the service of. Nil: no body.
	Form func() string
}

// maxForm bounds how much of an unsigned form is read to find its Action.
// The largest of them, a CloudFormation template, is about 50 KiB.
const maxForm = 1 << 20

// FromHTTP takes the parts out of r. Form reads from r.Body and puts back what
// it read, so that the handler behind sees the whole body.
func FromHTTP(r *http.Request) Request {
	return Request{
		Method: r.Method,
		Host:   r.Host,
		Path:   wirePath(r),
		Query:  r.URL.RawQuery,
		Header: r.Header,
		Form:   func() string { return peekForm(r) },
	}
}

// wirePath gives the path as the client sent it. URL.EscapedPath does not: it
// encodes anew what it holds for badly encoded.
func wirePath(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		path, _, _ := strings.Cut(r.RequestURI, "?")
		return path
	}
	if path := r.URL.EscapedPath(); path != "" {
		return path
	}
	return "/"
}

func peekForm(r *http.Request) string {
	if r.Body == nil || r.Body == http.NoBody {
		return ""
	}
	read, err := io.ReadAll(io.LimitReader(r.Body, maxForm))
	rest := io.Reader(r.Body)
	if err != nil {
		rest = failing{err} // whoever reads the body must meet the error too
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(read), rest), r.Body}
	return string(read)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// parameter finds the first value of a name in a query string or a form,
// without building a map of all of them. The name must need no encoding.
func parameter(query, name string) string {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, value, _ := strings.Cut(pair, "=")
		if key != name {
			continue
		}
		if decoded, err := url.QueryUnescape(value); err == nil {
			return decoded
		}
		return ""
	}
	return ""
}

func (r *Request) isForm() bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}
