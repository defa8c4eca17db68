package awsapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// restJSON is the protocol of API Gateway and Lambda.
type restJSON struct{ m *Mux }

func (p restJSON) match(r *http.Request) (*Operation, []string, *Error) {
	op, names, values := p.m.routes.find(r)
	if op == nil {
		return nil, nil, p.m.unknown(r)
	}
	params := make([]string, 0, 2*len(names))
	for i, n := range names {
		params = append(params, n, values[i])
	}
	return op, params, nil
}

func (p restJSON) bind(r *http.Request, _ *Operation, params []string, in Shaped) error {
	sh := in.AWSShape()
	v := structOf(in)
	query := r.URL.Query()
	needBody := false
	for i := range sh.Members {
		mem := &sh.Members[i]
		f := v.Field(i)
		var err error
		switch mem.In {
		case InURI:
			for j := 0; j < len(params); j += 2 {
				if params[j] == mem.Wire {
					err = bindText(mem.Shape, params[j+1], f, mem.Name)
				}
			}
		case InQuery:
			err = bindQuery(mem, query, sh, f)
		case InHeader:
			if h := r.Header.Get(mem.Wire); h != "" {
				err = bindText(mem.Shape, h, f, mem.Name)
			}
		case InPayload:
			if err := p.bindPayload(r, mem, f); err != nil {
				return err
			}
		default:
			needBody = true
		}
		if err != nil {
			return err
		}
	}
	if !needBody {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	tree, err := parseJSON(body)
	if err != nil || tree == nil {
		return err
	}
	return bindValue(sh, tree, v, "")
}

func bindQuery(mem *Member, query url.Values, sh *Shape, f reflect.Value) error {
	switch mem.Shape.Type {
	case Map:
		// A map takes every parameter that no other member names.
		named := map[string]bool{}
		for i := range sh.Members {
			named[sh.Members[i].Wire] = sh.Members[i].Shape.Type != Map
		}
		out := map[string]any{}
		for k, vals := range query {
			if !named[k] && k != "mode" {
				out[k] = vals[0]
			}
		}
		if len(out) == 0 {
			return nil
		}
		return bindValue(mem.Shape, out, f, mem.Name)
	case List:
		vals, ok := query[mem.Wire]
		if !ok {
			return nil
		}
		list := make([]any, len(vals))
		for i, s := range vals {
			list[i] = s
		}
		return bindValue(mem.Shape, list, f, mem.Name)
	}
	if vals, ok := query[mem.Wire]; ok {
		if vals[0] == "" && mem.Shape.Type != String {
			return nil
		}
		return bindText(mem.Shape, vals[0], f, mem.Name)
	}
	return nil
}

func (p restJSON) bindPayload(r *http.Request, mem *Member, f reflect.Value) error {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) == 0 {
		return err
	}
	switch mem.Shape.Type {
	case Blob:
		f.SetBytes(body)
		return nil
	case String:
		return bindValue(mem.Shape, string(body), f, mem.Name)
	}
	tree, err := parseJSON(body)
	if err != nil {
		return err
	}
	return bindValue(mem.Shape, tree, f, mem.Name)
}

var errTrailing = errors.New("body has more than one JSON value")

// parseJSON reads one JSON value, numbers kept as text; an empty body is nil.
func parseJSON(body []byte) (any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errTrailing
	}
	return tree, nil
}

func (p restJSON) write(w http.ResponseWriter, r *http.Request, op *Operation, out Shaped) {
	sh := out.AWSShape()
	v := structOf(out)
	setRequestID(w, r)
	status := op.Status
	var body []byte
	hasPayload := false
	for i := range sh.Members {
		mem := &sh.Members[i]
		f := v.Field(i)
		if mem.In == InPayload {
			hasPayload = true
		}
		if isNil(f) {
			continue
		}
		switch mem.In {
		case InStatusCode:
			status = int(deref(f).Int())
		case InHeader:
			w.Header().Set(mem.Wire, headerText(mem.Shape, deref(f)))
		case InPayload:
			body = p.payload(w, mem, deref(f))
		}
	}
	if !hasPayload && bodyAllowed(status) {
		if _, none := out.(*Empty); !none || status != http.StatusNoContent {
			body = jsonEncoder{isoTimes: p.m.opts.ISOTimes}.structure(nil, sh, v)
		}
	}
	if !bodyAllowed(status) {
		w.WriteHeader(status)
		return
	}
	writeBody(w, status, "application/json", body)
}

func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

func (p restJSON) payload(w http.ResponseWriter, mem *Member, f reflect.Value) []byte {
	switch mem.Shape.Type {
	case Blob:
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", "application/json")
		}
		return f.Bytes()
	case String:
		return []byte(f.String())
	}
	return jsonEncoder{isoTimes: p.m.opts.ISOTimes}.value(nil, mem.Shape, f)
}

func headerText(sh *Shape, f reflect.Value) string {
	switch sh.Type {
	case Boolean:
		return strconv.FormatBool(f.Bool())
	case Integer, Long:
		return strconv.FormatInt(f.Int(), 10)
	case Timestamp:
		return f.Interface().(time.Time).UTC().Format(http.TimeFormat)
	case Blob:
		return base64.StdEncoding.EncodeToString(f.Bytes())
	}
	return f.String()
}

func (p restJSON) writeError(w http.ResponseWriter, r *http.Request, e *Error) {
	setRequestID(w, r)
	w.Header().Set("x-amzn-ErrorType", e.Code)
	for k, v := range e.Header {
		w.Header().Set(k, v)
	}
	var members map[string]any
	if p.m.opts.ErrorBody != nil {
		members = p.m.opts.ErrorBody(e)
	} else {
		members = map[string]any{"message": e.Message}
		for k, v := range e.Fields {
			members[k] = v
		}
	}
	writeBody(w, p.m.model.status(e), "application/json", errorJSON(members))
}

// errorJSON keeps <, > and & readable, as AWS does.
func errorJSON(members map[string]any) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(members); err != nil {
		return []byte("{}")
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// A caller that went away is not the service's concern.
	_, _ = w.Write(body)
}
