package awsapi

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// decompress unpacks the body of a request whose client compressed it, as SDKs do
// with large PutMetricData calls. The bound of what a body may hold counts twice: as
// sent, and unpacked. REST services are left alone: there the header may be the
// content's own.
func (m *Mux) decompress(w http.ResponseWriter, r *http.Request) *Error {
	if m.model.Protocol == "rest-json" || !strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		return nil
	}
	sent := http.MaxBytesReader(w, r.Body, m.opts.MaxBody)
	unpacked, err := gzip.NewReader(sent)
	if err != nil {
		// unverified against AWS: the answer to a body that is no gzip stream.
		return &Error{Code: "SerializationException", Message: "The request body is not a valid gzip stream.", Status: http.StatusBadRequest}
	}
	r.Header.Del("Content-Encoding")
	r.ContentLength = -1
	r.Body = http.MaxBytesReader(w, struct {
		io.Reader
		io.Closer
	}{unpacked, sent}, m.opts.MaxBody)
	return nil
}
