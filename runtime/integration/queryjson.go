package integration

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/postern/postern/runtime/gwerr"
)

// maxConverted bounds an answer that is turned into JSON: the gateway's own limit.
const maxConverted = 10 << 20

// asJSON gives an answer in the form that AWS's services have for API Gateway.
//
// AWS: a service of the Query protocol answers in JSON to whom asks for it, as the
// gateway does unless Accept is mapped, and Systems Manager looks like one of them
// too. Emulators of these services know XML, and plain JSON, only.
func (t *ServiceTarget) asJSON(res *Response, accept string) (*Response, error) {
	wrap := t.Service == "ssm" && t.Action != "" && res.Status < http.StatusBadRequest
	isXML := queryVersions[t.Service] != "" && strings.Contains(res.Header.Get("Content-Type"), "xml")
	if !strings.HasPrefix(accept, "application/json") || !wrap && !isXML {
		return res, nil
	}
	body, err := whole(res)
	if err != nil {
		return nil, gwerr.New(gwerr.IntegrationTimeout, fmt.Errorf("read the answer of %s: %w", t.Service, err))
	}
	id, _ := json.Marshal(serviceRequestID(res.Header)) // of a string it cannot fail
	var out []byte
	if wrap {
		out = fmt.Appendf(nil, `{"%[1]sResponse":{"%[1]sResult":%[2]s,"ResponseMetadata":{"RequestId":%[3]s}}}`, t.Action, body, id)
	} else if out, err = xmlToJSON(body); err != nil {
		out = nil // it only claims to be XML
	}
	if json.Valid(out) {
		body = out
		res.Header = res.Header.Clone()
		res.Header["Content-Type"] = []string{"application/json"}
		delete(res.Header, "Content-Length")
	}
	res.Body, res.Stream, res.Length = body, nil, int64(len(body))
	return res, nil
}

var errTooLong = errors.New("answer is over 10 MB")

func whole(res *Response) ([]byte, error) {
	if res.Stream == nil {
		return res.Body, nil
	}
	defer res.Close()
	b, err := io.ReadAll(io.LimitReader(res.Stream, maxConverted+1))
	if err == nil && len(b) > maxConverted {
		err = errTooLong
	}
	return b, err
}

// element is one XML element.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

// maxNesting bounds what xmlToJSON goes into.
const maxNesting = 64

// xmlToJSON writes a Query protocol answer as JSON.
//
// unverified against AWS: values stay text, where AWS has numbers and booleans too.
func xmlToJSON(body []byte) ([]byte, error) {
	var root element
	dec := xml.NewDecoder(io.LimitReader(bytes.NewReader(body), maxConverted))
	if err := dec.Decode(&root); err != nil {
		return nil, err
	}
	value, err := root.value(0)
	if err != nil {
		return nil, err
	}
	if root.XMLName.Local != "ErrorResponse" { // AWS: errors have no root of their own
		value = map[string]any{root.XMLName.Local: value}
	}
	return json.Marshal(value)
}

// flattened are lists that have no element around them, and their names in JSON.
var flattened = map[string]string{
	"ReceiveMessageResult/Message":    "messages",
	"ListQueuesResult/QueueUrl":       "queueUrls",
	"SendMessageBatchResult/Failed":   "Failed",
	"DeleteMessageBatchResult/Failed": "Failed",
}

var errNesting = errors.New("answer is nested too deep")

func (e *element) value(depth int) (any, error) {
	switch {
	case depth > maxNesting:
		return nil, errNesting
	case len(e.Children) == 0 && strings.HasSuffix(e.XMLName.Local, "Result") && strings.TrimSpace(e.Text) == "":
		return map[string]any{}, nil
	case len(e.Children) == 0:
		return e.Text, nil
	}
	object, list := map[string]any{}, []any{}
	for i := range e.Children {
		c := &e.Children[i]
		v, err := c.value(depth + 1)
		if err != nil {
			return nil, err
		}
		name := c.XMLName.Local
		if name == "member" {
			list = append(list, v)
			continue
		}
		flat := flattened[e.XMLName.Local+"/"+name]
		if flat != "" {
			name = flat
		}
		have, again := object[name]
		values, isList := have.([]any)
		switch {
		case isList:
			object[name] = append(values, v)
		case again:
			object[name] = []any{have, v}
		case flat != "":
			object[name] = []any{v}
		default:
			object[name] = v
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	return object, nil
}
