package rest

import (
	"net/http"
	"strconv"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/limits"
	"github.com/postern/postern/runtime/reqcontext"
)

var (
	keepAlive = []string{"keep-alive"}
	jsonType  = []string{"application/json"}
)

// dropConnectionHeaders removes what is of one HTTP/1.1 connection: in HTTP/2 it makes
// an answer malformed, whichever backend or function it is from.
func dropConnectionHeaders(h http.Header) {
	for _, name := range [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Transfer-Encoding", "Upgrade"} {
		delete(h, sameName(h, name))
	}
}

// write sends the answer. The response's header becomes the client's.
func write(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context, res *integration.Response) {
	rc.Status = res.Status
	if rc.Error.Err != nil {
		limits.Drain(w, r)
	}
	h := w.Header()
	for name, values := range res.Header {
		h[name] = values
	}
	// AWS writes these names so. A backend that is an API too has sent its own.
	delete(h, "X-Amz-Apigw-Id")
	own := []string{rc.RequestID, rc.ExtendedRequestID, ""} // the values in one piece of memory
	h["x-amzn-RequestId"] = own[0:1:1]
	h["x-amz-apigw-id"] = own[1:2:2]
	if r.ProtoMajor == 1 {
		h["Connection"] = keepAlive
	} else {
		dropConnectionHeaders(h)
	}
	if h["Content-Type"] == nil {
		h["Content-Type"] = jsonType
	}
	if r.Method == http.MethodHead || res.Status == http.StatusNoContent || res.Status == http.StatusNotModified {
		res.Close()
		w.WriteHeader(res.Status)
		return
	}
	if res.Stream != nil {
		writeStream(w, r, rc, res)
		return
	}
	own[2] = strconv.Itoa(len(res.Body))
	h["Content-Length"] = own[2:]
	w.WriteHeader(res.Status)
	n, _ := w.Write(res.Body) // a client that went away is nobody's concern
	rc.ResponseLength = int64(n)
}
