package integration

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// denied gives a service's answer to a role that may not do what a call needs; nil:
// it may, or that is not known. A service that is somewhere may have a policy on the
// resource, which is not seen from here, so that only a statement that denies counts.
func (s *AWSService) denied(req *Request, somewhere bool) *Response {
	if s.Services.Denies == nil || s.Role == CallerCredentials {
		return nil
	}
	asked, ok := s.Target.permission(req)
	if !ok {
		return nil
	}
	denial := s.Services.Denies(s.Role, asked)
	if denial == nil || !denial.Explicit && somewhere && judged[s.Target.Service].granting {
		return nil
	}
	return s.Target.denial(req, s.region(req), asked, denial)
}

func (d *Denial) text(action, resource string) string {
	why := "because no identity-based policy allows the " + action + " action"
	switch {
	case d.Explicit && d.Boundary:
		why = "with an explicit deny in a permissions boundary"
	case d.Explicit:
		why = "with an explicit deny in an identity-based policy"
	case d.Boundary:
		why = "because no permissions boundary allows the " + action + " action"
	}
	return "User: " + d.Caller + " is not authorized to perform: " + action + " on resource: " + resource + " " + why
}

// denial is the service's own answer.
//
// AWS: SQS writes actions in lower case, SNS itself in upper case. Services of the
// first JSON protocol name the error with its namespace, those of the second without.
func (t *ServiceTarget) denial(req *Request, region string, asked Permission, d *Denial) *Response {
	action, id := asked.Action, req.Context.RequestID
	switch t.Service {
	case "sqs":
		action = strings.ToLower(action)
	case "sns":
		action = "SNS" + strings.TrimPrefix(action, "sns")
	}
	resource := asked.Resource
	if resource == "" {
		resource = t.resource(req, region, d.Caller)
	}
	message := d.text(action, resource)
	res := &Response{Status: http.StatusBadRequest, Header: http.Header{"X-Amzn-Requestid": {id}}}
	kind, err := "AccessDeniedException", error(nil)
	switch json10 := t.jsonVersion() == "1.0"; {
	case queryVersions[t.Service] != "" && req.Header.Get("X-Amz-Target") == "":
		res.Status = http.StatusForbidden
		res.Header.Set("Content-Type", "text/xml")
		res.Body = t.queryError(message, id)
	case t.Service == "appconfig":
		// unverified against AWS: the status and the headers of AppConfig.
		res.Status = http.StatusForbidden
		res.Header.Set("Content-Type", "application/json")
		res.Header.Set("X-Amzn-Errortype", kind)
		res.Body, err = json.Marshal(map[string]string{"Message": message})
	default:
		if json10 {
			kind = "com.amazon.coral.service#" + kind
		}
		if t.Service == "sqs" {
			res.Status = http.StatusForbidden
			res.Header.Set("X-Amzn-Query-Error", "AccessDenied;Sender")
		}
		res.Header.Set("Content-Type", "application/x-amz-json-"+t.jsonVersion())
		res.Body, err = json.Marshal(struct {
			Type    string `json:"__type"`
			Message string
		}{kind, message})
	}
	if err != nil {
		res.Body = nil // of texts it cannot fail
	}
	res.Length = int64(len(res.Body))
	return res
}

func (t *ServiceTarget) queryError(message, id string) []byte {
	code, space, detail := "AccessDenied", "http://queue.amazonaws.com/doc/2012-11-05/", "<Detail/>"
	if t.Service == "sns" {
		code, space, detail = "AuthorizationError", "http://sns.amazonaws.com/doc/2010-03-31/", "" // unverified against AWS: the details
	}
	var text strings.Builder
	// A builder takes everything.
	_ = xml.EscapeText(&text, []byte(message))
	return fmt.Appendf(nil, `<ErrorResponse xmlns="%s"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message>%s</Error><RequestId>%s</RequestId></ErrorResponse>`,
		space, code, text.String(), detail, id)
}

// resource names what a call is about for the text of a denial, which nothing but
// readers depend on; the account is taken to be the role's.
func (t *ServiceTarget) resource(req *Request, region, caller string) string {
	parts := strings.SplitN(caller, ":", 6)
	if len(parts) != 6 {
		return "*"
	}
	arn := func(account, resource string) string {
		return "arn:" + parts[1] + ":" + t.Service + ":" + region + ":" + account + ":" + resource
	}
	named := func(kind, name string) string {
		switch {
		case name == "":
			return "*"
		case strings.HasPrefix(name, "arn:"):
			return name
		}
		return arn(parts[4], kind+name)
	}
	switch t.Service {
	case "sqs":
		queue := queuePath(req)
		if len(queue) != 2 {
			return "*"
		}
		return arn(queue[0], queue[1])
	case "dynamodb":
		return named("table/", member(req.Body, "TableName"))
	case "kinesis":
		return named("stream/", member(req.Body, "StreamName"))
	case "firehose":
		return named("deliverystream/", member(req.Body, "DeliveryStreamName"))
	case "secretsmanager":
		return named("", member(req.Body, "SecretId"))
	case "states":
		return named("", member(req.Body, "executionArn"))
	case "events":
		var call struct {
			Entries []struct{ EventBusName string }
		}
		if json.Unmarshal(req.Body, &call) == nil && len(call.Entries) > 0 && call.Entries[0].EventBusName != "" {
			return named("event-bus/", call.Entries[0].EventBusName)
		}
		return named("event-bus/", "default")
	case "appconfig":
		_, path, _ := strings.Cut(req.URL.Path, "/applications/")
		return named("application/", strings.NewReplacer("/environments/", "/environment/", "/configurations/", "/configuration/").Replace(path))
	}
	return "*"
}

// queuePath gives the account and the name in a queue's address.
func queuePath(req *Request) []string {
	path := req.URL.Path
	address := formValue(req, "QueueUrl")
	if req.Header.Get("X-Amz-Target") != "" {
		address = member(req.Body, "QueueUrl")
	}
	if u, err := url.Parse(address); err == nil && u.Path != "" && strings.Trim(path, "/") == "" {
		path = u.Path
	}
	return strings.Split(strings.Trim(path, "/"), "/")
}

func unescape(b []byte) string {
	text, err := url.QueryUnescape(string(b))
	if err != nil {
		return ""
	}
	return text
}
