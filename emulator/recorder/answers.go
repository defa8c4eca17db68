package recorder

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/postern/postern/internal/lazyregexp"
)

// reply is what a service answers.
type reply struct {
	status      int
	contentType string
	header      map[string]string
	body        []byte
}

// request is a call read by the service's protocol.
type request struct {
	*Call
	*state
	caller
	json map[string]any // of the JSON protocols
	form url.Values     // of the query protocol
}

// caller is who waits for an answer, and the clock by which.
type caller struct {
	left <-chan struct{} // closed when nobody waits any more
	now  func() time.Time
}

// configuration is the path of AppConfig's GetConfiguration.
var configuration = lazyregexp.New(`^/applications/[^/]+/environments/[^/]+/configurations/[^/]+$`)

// read finds out what a call asks for.
func read(c *Call, s *state) *request {
	in := &request{Call: c, state: s}
	target := c.Header.Get("X-Amz-Target")
	switch {
	case target != "":
		c.Action = target[strings.LastIndexByte(target, '.')+1:]
		if json.Unmarshal(c.Body, &in.json) == nil {
			c.Parameters = in.json
		}
	case c.Service == "appconfig" && configuration().MatchString(c.Path):
		c.Action = "GetConfiguration"
	default:
		// A query string that does not parse has no more parameters than this.
		in.form, _ = url.ParseQuery(c.Query)
		if strings.HasPrefix(c.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || in.form.Get("Action") == "" {
			if body, err := url.ParseQuery(string(c.Body)); err == nil {
				for name, values := range body {
					in.form[name] = append(in.form[name], values...)
				}
			}
		}
		c.Action = in.form.Get("Action")
		if c.Action != "" {
			c.Parameters = fields(in.form)
		}
	}
	return in
}

func fields(form url.Values) map[string]string {
	out := make(map[string]string, len(form))
	for name := range form {
		out[name] = form.Get(name)
	}
	return out
}

// actions are the calls that have an answer here.
var actions = map[string]func(*request) reply{
	"sqs SendMessage":            (*request).sendMessage,
	"sqs ReceiveMessage":         (*request).receiveMessage,
	"sqs DeleteMessage":          (*request).deleteMessage,
	"sqs PurgeQueue":             (*request).purgeQueue,
	"sns Publish":                (*request).publish,
	"events PutEvents":           (*request).putEvents,
	"kinesis PutRecord":          (*request).putRecord,
	"kinesis PutRecords":         (*request).putRecords,
	"firehose PutRecord":         (*request).putDelivery,
	"states StartExecution":      (*request).startExecution,
	"states StartSyncExecution":  (*request).startSyncExecution,
	"states StopExecution":       (*request).stopExecution,
	"appconfig GetConfiguration": (*request).getConfiguration,
}

func (in *request) answer(by caller) (reply, bool) {
	act := actions[in.Service+" "+in.Action]
	switch {
	case act == nil:
		return reply{}, false
	case in.json == nil && in.form == nil && in.Service != "appconfig":
		return in.fail(http.StatusBadRequest, "SerializationException", ""), true
	}
	in.caller = by
	return act(in), true
}

// fail answers with an error in the form of the call's protocol.
func (in *request) fail(status int, code, message string) reply {
	if in.form != nil && in.Action != "" {
		return xmlReply(status, fmt.Sprintf(`<ErrorResponse xmlns="%s"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message><Detail/></Error><RequestId>%s</RequestId></ErrorResponse>`,
			sqsNamespace, code, escape(message), newID()))
	}
	if in.Service != "sqs" {
		return jsonReply(status, in.jsonVersion(), map[string]any{"__type": code, "message": message})
	}
	// AWS: where SQS speaks JSON, the code of its older protocol is in a header.
	out := jsonReply(http.StatusBadRequest, in.jsonVersion(), map[string]any{"__type": "com.amazonaws.sqs#" + code[strings.LastIndexByte(code, '.')+1:], "message": message})
	out.header = map[string]string{"X-Amzn-Query-Error": code + ";Sender"}
	return out
}

// refuse is the 400 of a call that no service would take.
func (in *request) refuse(code, message string) *reply {
	out := in.fail(http.StatusBadRequest, code, message)
	return &out
}

func (in *request) jsonVersion() string {
	if contentType := in.Header.Get("Content-Type"); strings.HasPrefix(contentType, "application/x-amz-json-") {
		return contentType
	}
	return "application/x-amz-json-1.1"
}

func (in *request) ok(body any) reply {
	return jsonReply(http.StatusOK, in.jsonVersion(), body)
}

func jsonReply(status int, contentType string, body any) reply {
	b, err := json.Marshal(body)
	if err != nil {
		return reply{status: http.StatusInternalServerError, contentType: contentType, body: []byte(`{"__type":"InternalFailure"}`)}
	}
	return reply{status: status, contentType: contentType, body: b}
}

func xmlReply(status int, body string) reply {
	return reply{status: status, contentType: "text/xml", body: []byte(`<?xml version="1.0"?>` + body)}
}

// text gives a member of a JSON call.
func (in *request) text(member string) string {
	s, _ := in.json[member].(string)
	return s
}

// parameter gives a parameter of either protocol as text.
func (in *request) parameter(name string) string {
	if in.form != nil {
		return in.form.Get(name)
	}
	if n, ok := in.json[name].(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return in.text(name)
}

// list gives the items of a list, which the query protocol numbers under the name and
// JSON has under its plural.
func (in *request) list(name string) []string {
	var out []string
	if in.form != nil {
		for i := 1; ; i++ {
			item := in.form.Get(name + "." + strconv.Itoa(i))
			if item == "" {
				return out
			}
			out = append(out, item)
		}
	}
	items, _ := in.json[name+"s"].([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// seconds is a time as the JSON protocols write it.
func (in *request) seconds() json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", in.Time.Unix(), in.Time.Nanosecond()/1e6))
}

// configurationVersion is that of every configuration.
const configurationVersion = "1"

// getConfiguration gives an empty object. AWS: a client that names the version which
// it has gets that version's number and no content.
func (in *request) getConfiguration() reply {
	out := reply{status: http.StatusOK, contentType: "application/json", header: map[string]string{"Configuration-Version": configurationVersion}, body: []byte("{}")}
	// A query string that does not parse has no more parameters than this.
	query, _ := url.ParseQuery(in.Query)
	switch {
	case query.Get("client_id") == "":
		return in.fail(http.StatusBadRequest, "BadRequestException", "1 validation error detected: Value null at 'clientId' failed to satisfy constraint: Member must not be null")
	case query.Get("client_configuration_version") == configurationVersion:
		out.body = nil
	}
	return out
}

// maxEvents is how many events one call may put.
const maxEvents = 10

func (in *request) putEvents() reply {
	list, _ := in.json["Entries"].([]any)
	if len(list) > maxEvents {
		return in.fail(http.StatusBadRequest, "ValidationException", "1 validation error detected: Value '[…]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10")
	}
	if len(list) == 0 {
		return in.fail(http.StatusBadRequest, "ValidationException", "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	entries, failed := make([]any, len(list)), 0
	for i := range list {
		entry, _ := list[i].(map[string]any)
		if code, message := badEvent(entry); code != "" {
			entries[i] = map[string]string{"ErrorCode": code, "ErrorMessage": message}
			failed++
			continue
		}
		entries[i] = map[string]string{"EventId": newID()}
	}
	return in.ok(map[string]any{"Entries": entries, "FailedEntryCount": failed})
}

func badEvent(entry map[string]any) (code, message string) {
	for _, member := range []string{"Source", "DetailType", "Detail"} {
		if s, _ := entry[member].(string); s == "" {
			return "InvalidArgument", "Parameter " + member + " is not valid. Reason: " + member + " is a required argument."
		}
	}
	if strings.HasPrefix(entry["Source"].(string), "aws.") {
		return "NotAuthorizedForSourceException", "Not authorized for the source."
	}
	var detail map[string]any
	if json.Unmarshal([]byte(entry["Detail"].(string)), &detail) != nil {
		return "MalformedDetail", "Detail is malformed."
	}
	return "", ""
}
