package integration

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/postern/postern/runtime/reqcontext"
)

// A role is asked for what a call surely needs, and denied in its service's words.
func TestDeniedCalls(t *testing.T) {
	const (
		role    = "arn:aws:iam::111122223333:role/service-role/r"
		caller  = "arn:aws:sts::111122223333:assumed-role/r/BackplaneAssumeRoleSession"
		machine = "arn:aws:states:us-east-1:111122223333:stateMachine:m"
		topic   = "arn:aws:sns:us-east-1:111122223333:t"
		apigw   = "arn:aws:apigateway:us-east-1:"
		queue   = "111122223333/q"
		form    = "application/x-www-form-urlencoded"
	)
	user := func(action, resource string) string {
		return "User: " + caller + " is not authorized to perform: " + action + " on resource: " + resource + " because no identity-based policy allows the " + action + " action"
	}
	json := func(kind, message string) string { return `{"__type":"` + kind + `","Message":"` + message + `"}` }
	const coral = "com.amazon.coral.service#AccessDeniedException"
	xml := func(space, code, message, detail string) string {
		return `<ErrorResponse xmlns="` + space + `"><Error><Type>Sender</Type><Code>` + code + `</Code><Message>` + message + `</Message>` + detail + `</Error><RequestId>id</RequestId></ErrorResponse>`
	}
	for _, tc := range []struct {
		name, uri, method, target, kind, body string
		asked                                 Permission
		status                                int
		answer                                string
	}{
		{"table", apigw + "dynamodb:action/PutItem", "POST", "", "application/json", `{"TableName":"t"}`,
			Permission{"dynamodb:PutItem", ""}, 400, json(coral, user("dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:111122223333:table/t"))},
		{"mapped target", apigw + "dynamodb:action/PutItem", "POST", "DynamoDB_20120810.Query", "application/json", `{"TableName":"t"}`,
			Permission{"dynamodb:Query", ""}, 400, json(coral, user("dynamodb:Query", "arn:aws:dynamodb:us-east-1:111122223333:table/t"))},
		{"transaction", apigw + "dynamodb:action/TransactWriteItems", "POST", "", "application/json", `{}`, Permission{}, 0, ""},
		{"state machine", apigw + "states:action/StartExecution", "POST", "", "application/json", `{"stateMachineArn":"` + machine + `"}`,
			Permission{"states:StartExecution", machine}, 400, json(coral, user("states:StartExecution", machine))},
		{"alias of a state machine", apigw + "states:action/StartSyncExecution", "POST", "", "application/json", `{"stateMachineArn":"` + machine + `:live"}`,
			Permission{"states:StartSyncExecution", ""}, 400, json(coral, user("states:StartSyncExecution", "*"))},
		{"bus", apigw + "events:action/PutEvents", "POST", "AWSEvents.PutEvents", "application/x-amz-json-1.1", `{"Entries":[{}]}`,
			Permission{"events:PutEvents", ""}, 400, json("AccessDeniedException", user("events:PutEvents", "arn:aws:events:us-east-1:111122223333:event-bus/default"))},
		{"stream", apigw + "kinesis:action/PutRecord", "POST", "", "application/json", `{"StreamName":"s"}`,
			Permission{"kinesis:PutRecord", ""}, 400, json("AccessDeniedException", user("kinesis:PutRecord", "arn:aws:kinesis:us-east-1:111122223333:stream/s"))},
		{"topic", apigw + "sns:action/Publish&TopicArn=" + topic, "POST", "", "", "",
			Permission{"sns:Publish", topic}, 403, xml("http://sns.amazonaws.com/doc/2010-03-31/", "AuthorizationError", user("SNS:Publish", topic), "")},
		{"queue", apigw + "sqs:path/" + queue, "POST", "", form, "Action=SendMessage&MessageBody=m",
			Permission{"sqs:SendMessage", ""}, 403, xml("http://queue.amazonaws.com/doc/2012-11-05/", "AccessDenied", user("sqs:sendmessage", "arn:aws:sqs:us-east-1:111122223333:q"), "<Detail/>")},
		{"queue with its action in the query", apigw + "sqs:path/" + queue + "?Action=PurgeQueue", "GET", "", "", "",
			Permission{"sqs:PurgeQueue", ""}, 403, xml("http://queue.amazonaws.com/doc/2012-11-05/", "AccessDenied", user("sqs:purgequeue", "arn:aws:sqs:us-east-1:111122223333:q"), "<Detail/>")},
		{"queue in JSON", apigw + "sqs:action/SendMessage", "POST", "AmazonSQS.SendMessage", "application/json", `{"QueueUrl":"https://sqs.us-east-1.amazonaws.com/` + queue + `"}`,
			Permission{"sqs:SendMessage", ""}, 403, json(coral, user("sqs:sendmessage", "arn:aws:sqs:us-east-1:111122223333:q"))},
		{"two actions", apigw + "sqs:path/" + queue + "?Action=PurgeQueue", "POST", "", form, "Action=SendMessage", Permission{}, 0, ""},
		{"no action", apigw + "sqs:path/" + queue, "POST", "", form, "", Permission{}, 0, ""},
		{"configuration", apigw + "appconfig:path/applications/a/environments/e/configurations/c?client_id=x", "GET", "", "", "",
			Permission{"appconfig:GetConfiguration", ""}, 403, `{"Message":"` + user("appconfig:GetConfiguration", "arn:aws:appconfig:us-east-1:111122223333:application/a/environment/e/configuration/c") + `"}`},
		{"configuration without names", apigw + "appconfig:path/applications//environments//configurations/", "GET", "", "", "",
			Permission{}, 0, ""},
		{"configuration of no application", apigw + "appconfig:path/applications", "GET", "", "", "", Permission{}, 0, ""},
		{"object", apigw + "s3:path/bucket/key", "GET", "", "", "", Permission{}, 0, ""},
		{"service without a table", apigw + "translate:action/TranslateText", "POST", "", "", "", Permission{}, 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target, ok := ParseServiceTarget(tc.uri)
			address, err := url.Parse(target.URL)
			if !ok || err != nil {
				t.Fatal(tc.uri, err)
			}
			var asked Permission
			s := &AWSService{Target: target, Role: role, Services: &AWSServices{Denies: func(_ string, p Permission) *Denial {
				asked = p
				return &Denial{Caller: caller}
			}}}
			req := &Request{Context: &reqcontext.Context{RequestID: "id"}, URL: address, Method: tc.method, Header: http.Header{}, Body: []byte(tc.body)}
			for name, v := range map[string]string{"X-Amz-Target": tc.target, "Content-Type": tc.kind} {
				if v != "" {
					req.Header.Set(name, v)
				}
			}
			target.complete(req)
			res := s.denied(req, false)
			if asked != tc.asked {
				t.Errorf("asked for %+v, want %+v", asked, tc.asked)
			}
			if tc.status == 0 {
				if res != nil {
					t.Errorf("denied: %s", res.Body)
				}
				return
			}
			if res == nil {
				t.Fatal("not denied")
			}
			if res.Status != tc.status || string(res.Body) != tc.answer {
				t.Errorf("got %d %s, want %d %s", res.Status, res.Body, tc.status, tc.answer)
			}
			// A service that is somewhere may let the role in by a policy of the resource.
			if res := s.denied(req, true); (res == nil) != judged[target.Service].granting {
				t.Errorf("answer of a service with an upstream: %+v", res)
			}
		})
	}
}

func TestDenialsSayWhy(t *testing.T) {
	for d, want := range map[Denial]string{
		{Caller: "c"}:                                 "User: c is not authorized to perform: a:B on resource: r because no identity-based policy allows the a:B action",
		{Caller: "c", Explicit: true}:                 "User: c is not authorized to perform: a:B on resource: r with an explicit deny in an identity-based policy",
		{Caller: "c", Boundary: true}:                 "User: c is not authorized to perform: a:B on resource: r because no permissions boundary allows the a:B action",
		{Caller: "c", Explicit: true, Boundary: true}: "User: c is not authorized to perform: a:B on resource: r with an explicit deny in a permissions boundary",
	} {
		if got := d.text("a:B", "r"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Every request can be judged, and every denial written.
func FuzzDeniedCalls(f *testing.F) {
	f.Add("sqs", "/1/q", "Action=SendMessage", "", "Action=SendMessage&QueueUrl=%zz")
	f.Add("appconfig", "/applications//environments//configurations/", "", "", "")
	f.Add("events", "/", "", "AWSEvents.PutEvents", `{"Entries":[null]}`)
	f.Add("states", "/", "", "AWSStepFunctions.StartExecution", `{"stateMachineArn":"a:b:c:d:e:f:g"}`)
	f.Fuzz(func(t *testing.T, service, path, query, target, body string) {
		s := &AWSService{Target: ServiceTarget{Service: service, Region: "r"}, Services: &AWSServices{Denies: func(string, Permission) *Denial {
			return &Denial{Caller: "arn:aws:sts::1:assumed-role/r/s"}
		}}}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			req := &Request{Context: &reqcontext.Context{}, URL: &url.URL{Path: path, RawQuery: query}, Method: method, Body: []byte(body), Header: http.Header{
				"X-Amz-Target": {target}, "Content-Type": {"application/x-www-form-urlencoded"},
			}}
			if res := s.denied(req, false); res != nil && (res.Status < 400 || len(res.Body) == 0 || res.Length != int64(len(res.Body))) {
				t.Errorf("answer %+v", res)
			}
		}
	})
}
