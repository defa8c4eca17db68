package frontdoor

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
)

// Refusal is why a service call is not carried out.
type Refusal struct {
	Status  int
	Code    string
	Message string
}

// Refuse answers a request with an error in the shape that the client of the
// target's service understands. A request of no service gets plain JSON.
func (t *Target) Refuse(w http.ResponseWriter, r *http.Request, why Refusal) {
	id := NewRequestID()
	contentType, body := t.encode(r, why, id)
	h := w.Header()
	h.Set("X-Amzn-Requestid", id)
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	switch {
	case t.Kind != Service:
	case t.Protocol == RESTJSON || t.Protocol == JSON:
		h.Set("X-Amzn-Errortype", why.Code)
	case t.Protocol == CBOR:
		h.Set("Smithy-Protocol", "rpc-v2-cbor") // the SDKs refuse an answer without
	}
	w.WriteHeader(why.Status)
	// An error here is the client's end; there is nobody left to tell.
	_, _ = w.Write(body)
}

func (t *Target) encode(r *http.Request, why Refusal, id string) (contentType string, body []byte) {
	switch {
	case t.Kind != Service:
		return "application/json", jsonObject("message", why.Message)
	case t.Protocol == JSON:
		contentType = "application/x-amz-json-1.1"
		if r.Header.Get("Content-Type") == "application/x-amz-json-1.0" {
			contentType = "application/x-amz-json-1.0"
		}
		return contentType, jsonObject("__type", why.Code, "message", why.Message)
	case t.Protocol == CBOR:
		return "application/cbor", cborMap("__type", why.Code, "message", why.Message)
	case t.Service == "s3":
		return "application/xml", []byte(xml.Header + elements("Error",
			element("Code", why.Code)+element("Message", why.Message)+element("RequestId", id)+element("HostId", id)))
	case t.Protocol == EC2Query:
		return "text/xml;charset=UTF-8", []byte(xml.Header + elements("Response",
			elements("Errors", elements("Error", element("Code", why.Code)+element("Message", why.Message)))+element("RequestID", id)))
	case t.Protocol == Query || t.Protocol == RESTXML:
		fault := "Sender"
		if why.Status >= 500 {
			fault = "Receiver"
		}
		return "text/xml", []byte(elements("ErrorResponse",
			elements("Error", element("Type", fault)+element("Code", why.Code)+element("Message", why.Message))+element("RequestId", id)))
	}
	return "application/json", jsonObject("message", why.Message)
}

// NewRequestID gives the id of a request that a service answers: a random UUID.
func NewRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// jsonObject writes an object of strings in the order given.
func jsonObject(pairs ...string) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, s := range pairs {
		switch {
		case i%2 == 1:
			b.WriteByte(':')
		case i > 0:
			b.WriteByte(',')
		}
		quoted, _ := json.Marshal(s) // a string always can be
		b.Write(quoted)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// cborMap writes a map of text strings, as RFC 8949 has it, in the order given.
func cborMap(pairs ...string) []byte {
	b := []byte{0xa0 | byte(len(pairs)/2)}
	for _, s := range pairs {
		switch n := len(s); {
		case n < 24:
			b = append(b, 0x60|byte(n))
		case n < 1<<8:
			b = append(b, 0x78, byte(n))
		default:
			n = min(n, 1<<16-1)
			s = s[:n]
			b = append(b, 0x79, byte(n>>8), byte(n))
		}
		b = append(b, s...)
	}
	return b
}

func elements(name, inner string) string { return "<" + name + ">" + inner + "</" + name + ">" }

func element(name, text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a Buffer takes everything
	return elements(name, b.String())
}
