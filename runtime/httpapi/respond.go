package httpapi

import (
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/limits"
	"github.com/postern/postern/runtime/reqcontext"
)

var (
	keepAlive = []string{"keep-alive"}
	copyPool  = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}
)

// write sends the answer. The response's header becomes the client's.
func write(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context, res *integration.Response) {
	defer res.Close()
	rc.Status = res.Status
	if rc.Error.Err != nil {
		limits.Drain(w, r)
	}
	h := w.Header()
	for name, values := range res.Header {
		h[name] = values
	}
	own := []string{rc.RequestID, ""} // the values in one piece of memory
	h["Apigw-Requestid"] = own[:1:1]
	if r.ProtoMajor == 1 {
		h["Connection"] = keepAlive
	}
	if h["Content-Type"] == nil {
		h["Content-Type"] = nil // net/http shall not guess one
	}
	if !hasBody(r.Method, res.Status) {
		// AWS: a length is told to HEAD too. A backend's answer has its own.
		if hasBody(http.MethodGet, res.Status) && len(res.Body) > 0 {
			h["Content-Length"] = []string{strconv.Itoa(len(res.Body))}
		}
		w.WriteHeader(res.Status)
		return
	}
	if res.Stream == nil {
		own[1] = strconv.Itoa(len(res.Body))
		h["Content-Length"] = own[1:]
		w.WriteHeader(res.Status)
		n, _ := w.Write(res.Body) // a client that went away is nobody's concern
		rc.ResponseLength = int64(n)
		return
	}
	h["Content-Length"] = []string{strconv.FormatInt(res.Length, 10)}
	w.WriteHeader(res.Status)
	buf := copyPool.Get().(*[]byte)
	defer copyPool.Put(buf)
	// The backend failing half way shows as a body shorter than its length: the
	// server then closes the connection.
	n, _ := io.CopyBuffer(onlyWriter{w}, onlyReader{res.Stream}, *buf)
	rc.ResponseLength = n
}

// onlyWriter and onlyReader hide the shortcuts that would bypass the pooled buffer.
type (
	onlyWriter struct{ io.Writer }
	onlyReader struct{ io.Reader }
)

func hasBody(method string, status int) bool {
	return method != http.MethodHead && status != http.StatusNoContent && status != http.StatusNotModified
}
