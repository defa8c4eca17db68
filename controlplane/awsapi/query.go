package awsapi

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// queryXML is the protocol of STS and IAM: form in, XML out.
type queryXML struct{ m *Mux }

func (p queryXML) match(r *http.Request) (*Operation, []string, *Error) {
	if err := r.ParseForm(); err != nil {
		return nil, nil, &Error{Code: "MalformedQueryString", Message: "The query string contains a syntax error.", Status: http.StatusBadRequest}
	}
	name := r.Form.Get("Action")
	if name == "" {
		return nil, nil, &Error{Code: "MissingAction", Message: "The request is missing an action or a required parameter.", Status: http.StatusBadRequest}
	}
	op := p.m.byName[name]
	if op == nil {
		return nil, nil, unknownRPC(p.m, name)
	}
	return op, nil, nil
}

func (p queryXML) bind(r *http.Request, _ *Operation, _ []string, in Shaped) error {
	return bindForm(in.AWSShape(), r.Form, "", structOf(in))
}

// bindForm reads a structure's members at prefix: Name, List.member.N,
// Map.entry.N.key / .value.
func bindForm(sh *Shape, form url.Values, prefix string, v reflect.Value) error {
	for i := range sh.Members {
		mem := &sh.Members[i]
		if err := bindFormValue(mem.Shape, form, prefix+mem.Wire, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func bindFormValue(sh *Shape, form url.Values, name string, f reflect.Value) error {
	switch sh.Type {
	case Structure:
		if !hasPrefix(form, name+".") {
			return nil
		}
		if f.Kind() == reflect.Pointer {
			f.Set(reflect.New(f.Type().Elem()))
			f = f.Elem()
		}
		return bindForm(sh, form, name+".", f)
	case List:
		return bindFormList(sh, form, name, f)
	case Map:
		return bindFormMap(sh, form, name, f)
	}
	vals, ok := form[name]
	if !ok {
		return nil
	}
	return bindText(sh, vals[0], f, name)
}

// maxFormElements bounds what one list of a form may make the server look for.
const maxFormElements = 10000

func bindFormList(sh *Shape, form url.Values, name string, f reflect.Value) error {
	if _, ok := form[name]; ok { // an explicitly empty list
		f.Set(reflect.MakeSlice(f.Type(), 0, 0))
	}
	for n := 1; n <= maxFormElements; n++ {
		at := name + ".member." + strconv.Itoa(n)
		if _, ok := form[at]; !ok && !hasPrefix(form, at+".") {
			return nil
		}
		e := reflect.New(f.Type().Elem()).Elem()
		if err := bindFormValue(sh.Elem, form, at, e); err != nil {
			return err
		}
		f.Set(reflect.Append(f, e))
	}
	return nil
}

func bindFormMap(sh *Shape, form url.Values, name string, f reflect.Value) error {
	for n := 1; n <= maxFormElements; n++ {
		at := name + ".entry." + strconv.Itoa(n)
		key, ok := form[at+".key"]
		if !ok {
			return nil
		}
		if f.IsNil() {
			f.Set(reflect.MakeMap(f.Type()))
		}
		e := reflect.New(f.Type().Elem()).Elem()
		if err := bindFormValue(sh.Elem, form, at+".value", e); err != nil {
			return err
		}
		f.SetMapIndex(reflect.ValueOf(key[0]), e)
	}
	return nil
}

func hasPrefix(form url.Values, prefix string) bool {
	for k := range form {
		if strings.HasPrefix(k, prefix) {
			return true
		}
	}
	return false
}

func (p queryXML) write(w http.ResponseWriter, r *http.Request, op *Operation, out Shaped) {
	var b bytes.Buffer
	b.WriteString("<" + op.Name + "Response xmlns=\"" + p.m.model.XMLNamespace + "\">")
	if op.ResultWrapper != "" {
		appendXML(&b, op.ResultWrapper, out.AWSShape(), structOf(out))
	}
	b.WriteString("<ResponseMetadata><RequestId>" + requestID(r) + "</RequestId></ResponseMetadata></" + op.Name + "Response>")
	setRequestID(w, r)
	writeBody(w, op.Status, "text/xml", b.Bytes())
}

func (p queryXML) writeError(w http.ResponseWriter, r *http.Request, e *Error) {
	status := p.m.model.status(e)
	fault := "Sender"
	if status >= 500 {
		fault = "Receiver"
	}
	var b bytes.Buffer
	b.WriteString("<ErrorResponse xmlns=\"" + p.m.model.XMLNamespace + "\"><Error><Type>" + fault + "</Type><Code>" + e.Code + "</Code><Message>")
	// xml.EscapeText cannot fail on a bytes.Buffer.
	_ = xml.EscapeText(&b, []byte(e.Message))
	b.WriteString("</Message></Error><RequestId>" + requestID(r) + "</RequestId></ErrorResponse>")
	setRequestID(w, r)
	writeBody(w, status, "text/xml", b.Bytes())
}
