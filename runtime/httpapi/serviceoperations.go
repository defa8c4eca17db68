package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern/postern/runtime/integration"
)

// serviceParameters are the mapped parameters of a call.
type serviceParameters map[string]string

// serviceOperation is one operation of an AWS service on the wire.
type serviceOperation struct {
	service string // signing name
	host    string // first labels of the service's hosts
	encode  func(serviceParameters, *integration.Request) error
}

var serviceOperations = map[string]serviceOperation{
	"EventBridge-PutEvents":      {"events", "events", putEvents},
	"SQS-SendMessage":            {"sqs", "sqs", queueAction("SendMessage")},
	"SQS-ReceiveMessage":         {"sqs", "sqs", queueAction("ReceiveMessage")},
	"SQS-DeleteMessage":          {"sqs", "sqs", queueAction("DeleteMessage")},
	"SQS-PurgeQueue":             {"sqs", "sqs", queueAction("PurgeQueue")},
	"AppConfig-GetConfiguration": {"appconfig", "appconfig", getConfiguration},
	"Kinesis-PutRecord":          {"kinesis", "kinesis", putRecord},
	"StepFunctions-StartExecution": {"states", "states", stateMachine("StartExecution", map[string]string{
		"StateMachineArn": "stateMachineArn", "Name": "name", "Input": "input",
	})},
	"StepFunctions-StartSyncExecution": {"states", "sync-states", stateMachine("StartSyncExecution", map[string]string{
		"StateMachineArn": "stateMachineArn", "Name": "name", "Input": "input", "TraceHeader": "traceHeader",
	})},
	"StepFunctions-StopExecution": {"states", "states", stateMachine("StopExecution", map[string]string{
		"ExecutionArn": "executionArn", "Cause": "cause", "Error": "error",
	})},
}

// jsonCall writes a call of AWS's JSON protocol.
func jsonCall(req *integration.Request, version, target string, body map[string]any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req.Method, req.URL, req.Body = http.MethodPost, &url.URL{Path: "/"}, b
	req.Header = http.Header{"Content-Type": {"application/x-amz-json-" + version}, "X-Amz-Target": {target}}
	return nil
}

func putEvents(p serviceParameters, req *integration.Request) error {
	entry := map[string]any{}
	for _, name := range []string{"Detail", "DetailType", "Source", "EventBusName", "TraceHeader"} {
		if v, ok := p[name]; ok {
			entry[name] = v
		}
	}
	if v, ok := p["Resources"]; ok {
		entry["Resources"] = textList(v)
	}
	if v, ok := p["Time"]; ok {
		at, err := timestamp(v)
		if err != nil {
			return fmt.Errorf("parameter Time: %w", err)
		}
		entry["Time"] = at
	}
	return jsonCall(req, "1.1", "AWSEvents.PutEvents", map[string]any{"Entries": []any{entry}})
}

// timestamp gives seconds since 1970, which is how the JSON protocol writes times.
func timestamp(s string) (json.Number, error) {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return json.Number(s), nil
	}
	at, err := time.Parse(time.RFC3339, s)
	return json.Number(strconv.FormatInt(at.Unix(), 10)), err
}

// textList reads a list: a JSON array, else values with commas between.
//
// unverified against AWS: the form of lists.
func textList(s string) []string {
	var list []string
	if json.Unmarshal([]byte(s), &list) == nil {
		return list
	}
	for v := range strings.SplitSeq(s, ",") {
		if v = strings.TrimSpace(v); v != "" {
			list = append(list, v)
		}
	}
	return list
}

// putRecord sends the data as it is: AWS encodes it for the service.
func putRecord(p serviceParameters, req *integration.Request) error {
	body := map[string]any{}
	for name, v := range p {
		switch name {
		case regionParameter:
		case "Data":
			body[name] = base64.StdEncoding.EncodeToString([]byte(v))
		default:
			body[name] = v
		}
	}
	return jsonCall(req, "1.1", "Kinesis_20131202.PutRecord", body)
}

func stateMachine(action string, members map[string]string) func(serviceParameters, *integration.Request) error {
	return func(p serviceParameters, req *integration.Request) error {
		body := map[string]any{}
		for name, member := range members {
			if v, ok := p[name]; ok {
				body[member] = v
			}
		}
		return jsonCall(req, "1.0", "AWSStepFunctions."+action, body)
	}
}

func getConfiguration(p serviceParameters, req *integration.Request) error {
	parts := []string{"applications", p["Application"], "environments", p["Environment"], "configurations", p["Configuration"]}
	for i, part := range parts {
		if part == "." || part == ".." {
			return fmt.Errorf("%q is no identifier", part)
		}
		parts[i] = url.PathEscape(part)
	}
	req.URL = &url.URL{}
	setPath(req.URL, "/"+strings.Join(parts, "/"))
	query := url.Values{"client_id": {p["ClientId"]}}
	if v, ok := p["ClientConfigurationVersion"]; ok {
		query.Set("client_configuration_version", v)
	}
	req.URL.RawQuery = query.Encode()
	req.Method, req.Header = http.MethodGet, http.Header{}
	return nil
}

// queueAction writes a call of the query protocol. AWS: the answer is XML, so it is
// this protocol that API Gateway speaks with SQS.
func queueAction(action string) func(serviceParameters, *integration.Request) error {
	return func(p serviceParameters, req *integration.Request) error {
		queue, err := url.Parse(p["QueueUrl"])
		if err != nil || queue.Host == "" {
			return fmt.Errorf("parameter QueueUrl: %q is no URL", p["QueueUrl"])
		}
		form := url.Values{"Action": {action}, "Version": {"2012-11-05"}}
		for name, v := range p {
			switch name {
			case regionParameter:
			case "MessageAttributes":
				err = attributes(form, "MessageAttribute", v)
			case "MessageSystemAttributes":
				err = attributes(form, "MessageSystemAttribute", v)
			case "AttributeNames", "MessageAttributeNames":
				for i, item := range textList(v) {
					form.Set(strings.TrimSuffix(name, "s")+"."+strconv.Itoa(i+1), item)
				}
			default:
				form.Set(name, v)
			}
			if err != nil {
				return fmt.Errorf("parameter %s: %w", name, err)
			}
		}
		req.Method, req.URL, req.Body = http.MethodPost, &url.URL{}, []byte(form.Encode())
		setPath(req.URL, "/"+strings.TrimPrefix(queue.EscapedPath(), "/"))
		req.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}
		return nil
	}
}

// attributes writes message attributes, which are given as a JSON object of
// {"DataType": …, "StringValue" or "BinaryValue": …} by name.
func attributes(form url.Values, member, text string) error {
	var all map[string]struct{ DataType, StringValue, BinaryValue string }
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return err
	}
	for i, name := range slices.Sorted(maps.Keys(all)) {
		a, prefix := all[name], member+"."+strconv.Itoa(i+1)+"."
		form.Set(prefix+"Name", name)
		form.Set(prefix+"Value.DataType", a.DataType)
		if a.StringValue != "" {
			form.Set(prefix+"Value.StringValue", a.StringValue)
		}
		if a.BinaryValue != "" {
			form.Set(prefix+"Value.BinaryValue", a.BinaryValue)
		}
	}
	return nil
}
