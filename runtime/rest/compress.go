package rest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
)

// compression is an API's payload compression. AWS: a size of 0 compresses
// everything, none at all turns it off in both directions.
type compression struct {
	on      bool
	minimum int
}

func newCompression(minimum *int) compression {
	if minimum == nil {
		return compression{}
	}
	return compression{true, *minimum}
}

// response compresses a body that is long enough for a client that wants it so. One
// that the backend has encoded itself is left alone, and so is one that is streamed.
func (p compression) response(r *http.Request, res *integration.Response) {
	if !p.on || res.Stream != nil || len(res.Body) < p.minimum || len(res.Body) == 0 || res.Header[sameName(res.Header, "Content-Encoding")] != nil {
		return
	}
	coding := acceptedCoding(r.Header.Get("Accept-Encoding"))
	if coding == "" {
		return
	}
	var out bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&out)
	if coding == "deflate" {
		w = zlib.NewWriter(&out)
	}
	// Neither fails on a buffer.
	_, _ = w.Write(res.Body)
	_ = w.Close()
	res.Body = out.Bytes()
	res.Header["Content-Encoding"] = []string{coding}
}

// acceptedCoding is the coding that a client likes best, if it is one of ours. AWS:
// when it likes another one best nothing is compressed.
func acceptedCoding(accept string) string {
	best, bestQ := "", 0.0
	for item := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil {
				continue
			}
			q = f
		}
		if name != "" && q > bestQ {
			best, bestQ = name, q
		}
	}
	switch best {
	case "gzip", "deflate":
		return best
	case "*":
		return "gzip"
	}
	return ""
}

var errCoding = errors.New("content coding is not supported")

// request undoes the coding of a request's body and forgets its header.
func (p compression) request(r *http.Request, body []byte) ([]byte, error) {
	coding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	if !p.on || coding == "" {
		return body, nil
	}
	var from io.Reader
	var err error
	switch coding {
	case "identity":
		from = bytes.NewReader(body)
	case "gzip":
		from, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		from, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return nil, gwerr.New(gwerr.UnsupportedMediaType, fmt.Errorf("%s: %w", coding, errCoding))
	}
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(from, maxPayload+1))
	}
	switch {
	case err != nil:
		return nil, &gwerr.Error{Type: gwerr.Default4XX, Status: http.StatusBadRequest, Message: "Bad Request", Err: fmt.Errorf("undo %s: %w", coding, err)}
	case len(body) > maxPayload:
		return nil, gwerr.New(gwerr.RequestTooLarge, errPayload)
	}
	r.Header.Del("Content-Encoding")
	return body, nil
}
