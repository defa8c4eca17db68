package awsapi

import (
	"bytes"
	"encoding/xml"
	"net/http"
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
	return bindForm(in.AWSShape(), newForm(r.Form), "", structOf(in))
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
