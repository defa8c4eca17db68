package http1

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/postern/postern/internal/httphead"
	"golang.org/x/net/http/httpguts"
)

// plain gives the request that the buffer holds, if it is whole there, has no body and
// says nothing that needs a second thought. net/http reads all others; nothing has been
// taken off the buffer then.
func (c *conn) plain() *http.Request {
	there, err := c.r.Peek(c.r.Buffered())
	if err != nil {
		return nil
	}
	head, ok := httphead.Plain(there)
	if !ok || head.Size > c.server.HeaderBytes || !head.Stays() ||
		!head.Without("Content-Length", "Transfer-Encoding", "Trailer", "Expect", "Pragma") {
		return nil
	}
	method, target, _ := strings.Cut(head.Line, " ")
	target, proto, _ := strings.Cut(target, " ")
	host := head.Fields["Host"]
	if proto != "HTTP/1.1" || method == http.MethodConnect || !httpguts.ValidHeaderFieldName(method) || !strings.HasPrefix(target, "/") ||
		len(host) != 1 || host[0] == "" || !httpguts.ValidHostHeader(host[0]) {
		return nil
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil
	}
	c.in.head.keep(there[:head.Size])
	_, _ = c.r.Discard(head.Size) // it is there
	delete(head.Fields, "Host")
	return &http.Request{
		Method: method, URL: u, RequestURI: target, Proto: proto, ProtoMajor: 1, ProtoMinor: 1,
		Header: head.Fields, Host: host[0], Body: http.NoBody,
	}
}
