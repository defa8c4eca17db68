package awsapi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// targetJSON is JSON 1.0 and 1.1: the operation stands in X-Amz-Target.
type targetJSON struct{ m *Mux }

func (p targetJSON) match(r *http.Request) (*Operation, []string, *Error) {
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	op := p.m.byName[name]
	if op == nil {
		return nil, nil, unknownRPC(p.m, name)
	}
	return op, nil, nil
}

// unknownRPC tells an operation that AWS has and Postern has not from one that
// does not exist: the generated tables of the supporting services hold only the
// operations that clients were seen to call.
func unknownRPC(m *Mux, name string) *Error {
	if name == "" {
		return &Error{Code: "UnknownOperationException", Status: http.StatusBadRequest}
	}
	return m.unbuilt(name)
}

func (p targetJSON) bind(r *http.Request, _ *Operation, _ []string, in Shaped) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	tree, err := parseJSON(body)
	if err != nil || tree == nil {
		return err
	}
	return bindValue(in.AWSShape(), tree, structOf(in), "")
}

func (p targetJSON) contentType(r *http.Request) string {
	if ct := r.Header.Get("Content-Type"); strings.HasPrefix(ct, "application/x-amz-json-") {
		return ct
	}
	version := p.m.model.JSONVersion
	if version == "" {
		version = "1.0"
	}
	return "application/x-amz-json-" + version
}

func (p targetJSON) write(w http.ResponseWriter, r *http.Request, op *Operation, out Shaped) {
	setRequestID(w, r)
	var body []byte
	if _, none := out.(*Empty); !none {
		body = jsonEncoder{}.structure(nil, out.AWSShape(), structOf(out))
	}
	writeBody(w, op.Status, p.contentType(r), body)
}

func (p targetJSON) writeError(w http.ResponseWriter, r *http.Request, e *Error) {
	setRequestID(w, r)
	members := map[string]any{"__type": p.m.model.errorType(e), "message": e.Message}
	for k, v := range e.Fields {
		members[k] = v
	}
	status := p.m.rpcStatus(e)
	queryError(w, r, e, status)
	writeBody(w, status, p.contentType(r), errorJSON(members))
}

// rpcStatus is 400 for every client fault of a JSON service. Services that once spoke
// the query protocol keep the statuses they had there.
func (m *Mux) rpcStatus(e *Error) int {
	switch {
	case e.Status != 0:
		return e.Status
	case m.model.ErrorShapes != nil:
		return m.model.status(e)
	}
	return http.StatusBadRequest
}

// queryError repeats the old query protocol's code for clients that ask for it.
func queryError(w http.ResponseWriter, r *http.Request, e *Error, status int) {
	if !strings.EqualFold(r.Header.Get("x-amzn-query-mode"), "true") {
		return
	}
	fault := "Sender"
	if status >= 500 {
		fault = "Receiver"
	}
	w.Header().Set("x-amzn-query-error", e.Code+";"+fault)
}

// rpcCBOR is smithy's rpc-v2-cbor: POST /service/{Service}/operation/{Operation}.
type rpcCBOR struct{ m *Mux }

func (p rpcCBOR) match(r *http.Request) (*Operation, []string, *Error) {
	_, name, ok := strings.Cut(r.URL.Path, "/operation/")
	op := p.m.byName[name]
	if op == nil {
		if !ok {
			name = ""
		}
		return nil, nil, unknownRPC(p.m, name)
	}
	return op, nil, nil
}

func (p rpcCBOR) bind(r *http.Request, _ *Operation, _ []string, in Shaped) error {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) == 0 {
		return err
	}
	tree, err := decodeCBOR(body)
	if err != nil {
		return err
	}
	if _, ok := tree.(map[string]any); !ok {
		return fmt.Errorf("%w: not a map", errCBOR)
	}
	return bindValue(in.AWSShape(), tree, structOf(in), "")
}

func (p rpcCBOR) write(w http.ResponseWriter, r *http.Request, op *Operation, out Shaped) {
	setRequestID(w, r)
	w.Header().Set("smithy-protocol", "rpc-v2-cbor")
	writeBody(w, op.Status, "application/cbor", appendCBOR(nil, out.AWSShape(), structOf(out)))
}

func (p rpcCBOR) writeError(w http.ResponseWriter, r *http.Request, e *Error) {
	setRequestID(w, r)
	w.Header().Set("smithy-protocol", "rpc-v2-cbor")
	status := p.m.rpcStatus(e)
	queryError(w, r, e, status)
	b := cborHead(nil, 5, 2)
	b = cborText(cborText(b, "__type"), p.m.model.errorType(e))
	b = cborText(cborText(b, "message"), e.Message)
	writeBody(w, status, "application/cbor", b)
}
