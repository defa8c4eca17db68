package integration

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
)

// Permission is what a call of an AWS service needs.
type Permission struct {
	Action string // "sqs:SendMessage"
	// Resource is the ARN of what the call is about, where the request has it; empty:
	// it is not known for certain.
	Resource string
}

// Denial says that a role may not do what a call needs.
type Denial struct {
	Caller   string // the ARN of the role's session
	Explicit bool   // a statement denies it; false: none allows it
	Boundary bool   // it is the role's permissions boundary that does not let it
}

// judged are the services whose calls are judged, and their operations that need the
// one action of IAM's that has their name.
var judged = map[string]struct {
	operations []string
	// granting services have policies on their resources, which allow a role of their
	// own account what no policy of the role does.
	granting bool
}{
	"appconfig":      {[]string{"GetConfiguration"}, false},
	"firehose":       {[]string{"PutRecord", "PutRecordBatch"}, false},
	"states":         {[]string{"StartExecution", "StartSyncExecution", "StopExecution", "DescribeExecution", "ListExecutions", "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"}, false},
	"dynamodb":       {[]string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem"}, true},
	"events":         {[]string{"PutEvents"}, true},
	"kinesis":        {[]string{"PutRecord", "PutRecords"}, true},
	"secretsmanager": {[]string{"GetSecretValue"}, true},
	"sns":            {[]string{"Publish"}, true},
	"sqs":            {[]string{"SendMessage", "ReceiveMessage", "DeleteMessage", "PurgeQueue"}, true},
}

// permission tells what a call needs. false: that is not known for certain.
func (t *ServiceTarget) permission(req *Request) (Permission, bool) {
	service, ok := judged[t.Service]
	if !ok {
		return Permission{}, false
	}
	operation := t.operation(req)
	if !slices.Contains(service.operations, operation) {
		return Permission{}, false
	}
	p := Permission{Action: t.Service + ":" + operation}
	switch {
	case t.Service == "states" && strings.HasPrefix(operation, "Start"):
		// A version or an alias comes behind one more colon; whose ARN then counts is
		// not certain.
		if arn := member(req.Body, "stateMachineArn"); strings.Count(arn, ":") == 6 {
			p.Resource = arn
		}
	case t.Service == "sns":
		if arn := formValue(req, "TopicArn"); strings.Count(arn, ":") == 5 {
			p.Resource = arn
		}
	}
	return p, true
}

var configurationPath = lazyregexp.New(`^/applications/[^/]+/environments/[^/]+/configurations/[^/]+$`)

// operation gives the name of the operation that a service will read from a request.
func (t *ServiceTarget) operation(req *Request) string {
	if target := req.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:]
	}
	if queryVersions[t.Service] != "" {
		return formValue(req, "Action")
	}
	if t.Service == "appconfig" && req.Method == http.MethodGet && configurationPath().MatchString(req.URL.Path) {
		return "GetConfiguration"
	}
	return ""
}

// formValue gives a parameter of a call of the Query protocol, which may be in the
// query or in the body; of one that is there twice, nothing is certain.
func formValue(req *Request, name string) string {
	value, found := "", 0
	scan := func(form []byte) {
		for pair := range bytes.SplitSeq(form, []byte("&")) {
			if key, v, _ := bytes.Cut(pair, []byte("=")); string(key) == name {
				value, found = unescape(v), found+1
			}
		}
	}
	scan([]byte(req.URL.RawQuery))
	if strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		scan(req.Body)
	}
	if found != 1 {
		return ""
	}
	return value
}

// member gives a text member of a JSON object.
func member(body []byte, name string) string {
	var object map[string]json.RawMessage
	var text string
	if json.Unmarshal(body, &object) != nil || json.Unmarshal(object[name], &text) != nil {
		return ""
	}
	return text
}
