package rest_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/rest"
	"github.com/postern/postern/runtime/sigv4"
	"github.com/postern/postern/runtime/snapshot"
)

const role = "arn:aws:iam::111111111111:role/gateway"

// withServices has every service but "nowhere" at one backend.
func withServices(b *backend) func(*rest.Deps) {
	return func(d *rest.Deps) {
		d.Services = integration.AWSServices{
			Upstream: func(service string) (string, bool) { return b.URL, service != "nowhere" },
			Credentials: func(_ context.Context, arn string, _ *reqcontext.Context) (aws.Credentials, error) {
				if arn != role {
					return aws.Credentials{}, errors.New("not trusted")
				}
				return aws.Credentials{AccessKeyID: "ASIAKEY", SecretAccessKey: "secret", SessionToken: "token"}, nil
			},
		}
	}
}

func serviceMethod(verb, uri string) snapshot.RESTMethod {
	return snapshot.RESTMethod{HTTPMethod: verb, AuthorizationType: "NONE", Integration: snapshot.RESTIntegration{
		Type: "AWS", HTTPMethod: verb, URI: "arn:aws:apigateway:us-east-1:" + uri, TimeoutMillis: 5000, PassthroughBehavior: "WHEN_NO_MATCH",
		Credentials: role, Responses: []snapshot.RESTIntegrationResponse{{StatusCode: "200"}},
	}}
}

// verified checks the signature that a backend got.
func verified(t *testing.T, b *backend, service string) {
	t.Helper()
	path := b.got.URL.EscapedPath()
	if service == "s3" {
		path = b.got.URL.Path // AWS: which is not escaped twice there
	}
	sig, bad := sigv4.Parse(b.got.Header, b.got.URL.RawQuery)
	if bad != nil {
		t.Fatal(bad)
	}
	bad = sig.Verify(sigv4.Request{
		Method: b.got.Method, Host: b.got.Host, Path: path, Query: b.got.URL.RawQuery, Header: b.got.Header, Length: b.got.ContentLength,
		BodyHash: func() (string, error) { return sha256Hex(b.body), nil },
	}, sigv4.Key{Secret: "secret", Token: "token"}, sigv4.Scope{Region: "us-east-1", Service: service}, start)
	if bad != nil {
		t.Errorf("%s: %s", service, bad.Message)
	}
}

func TestServiceRequests(t *testing.T) {
	const xml = "application/xml"
	for _, tc := range []struct {
		name, verb, uri    string
		parameters         map[string]string
		template, body     string
		signed             string
		host, path, query  string
		header             map[string]string
		wantBody           string
		answerType, answer string
		want               string
	}{
		{
			name: "action of a JSON service", verb: "POST", uri: "dynamodb:action/Query", template: `{"TableName":"$input.params('q')"}`,
			host: "dynamodb.us-east-1.amazonaws.com", path: "/", wantBody: `{"TableName":"music"}`, signed: "dynamodb",
			header: map[string]string{
				"X-Amz-Target": "DynamoDB_20120810.Query", "Content-Type": "application/x-amz-json-1.0", "Accept": "application/json", "User-Agent": "AmazonAPIGateway_abcdef0123",
				"X-Amzn-Apigateway-Api-Id": "abcdef0123", "X-Amz-Security-Token": "token", "X-Mine": "",
			},
			answer: `{"Items":[]}`, want: `{"Items":[]}`,
		},
		{
			name: "target that is mapped", verb: "POST", uri: "events:action/PutEvents", parameters: map[string]string{"integration.request.header.X-Amz-Target": "'AWSEvents.PutEvents'"},
			host: "events.us-east-1.amazonaws.com", path: "/", query: "Action=PutEvents", signed: "events", body: `{"Entries":[]}`, wantBody: `{"Entries":[]}`,
			header: map[string]string{"X-Amz-Target": "AWSEvents.PutEvents", "Content-Type": "application/x-amz-json-1.1"}, answer: `{}`, want: `{}`,
		},
		{
			name: "streams of DynamoDB", verb: "POST", uri: "streams.dynamodb:action/ListStreams", host: "streams.dynamodb.us-east-1.amazonaws.com", path: "/", signed: "dynamodb",
			header: map[string]string{"X-Amz-Target": "DynamoDBStreams_20120810.ListStreams"}, answer: `{}`, want: `{}`,
		},
		{
			name: "action of a Query service", verb: "GET", uri: "sns:action/Publish", parameters: map[string]string{"integration.request.querystring.Message": "method.request.querystring.q"},
			host: "sns.us-east-1.amazonaws.com", path: "/", query: "Action=Publish&Message=music&Version=2010-03-31", signed: "sns", answerType: "text/xml",
			answer: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult><ResponseMetadata><RequestId>2</RequestId></ResponseMetadata></PublishResponse>`,
			want:   `{"PublishResponse":{"PublishResult":{"MessageId":"1"},"ResponseMetadata":{"RequestId":"2"}}}`,
		},
		{
			name: "path of SQS with a form", verb: "POST", uri: "sqs:path/111111111111/queue", template: "Action=SendMessage&MessageBody=$input.body", body: `{"foo": "bar"}`,
			parameters: map[string]string{"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'", "integration.request.header.Accept": "'application/xml'"},
			host:       "sqs.us-east-1.amazonaws.com", path: "/111111111111/queue", signed: "sqs", wantBody: `Action=SendMessage&MessageBody={"foo": "bar"}`,
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, answerType: xml, answer: `<a/>`, want: `<a/>`,
		},
		{
			name: "path of SQS without a body", verb: "POST", uri: "sqs:path/111111111111/queue", template: "Action=SendMessage&MessageBody=$input.body",
			parameters: map[string]string{"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
			host:       "sqs.us-east-1.amazonaws.com", path: "/111111111111/queue", signed: "sqs", wantBody: "Action=SendMessage&MessageBody={}",
			answerType: xml, answer: `<ReceiveMessageResponse><ReceiveMessageResult><Message><Body>b</Body></Message></ReceiveMessageResult></ReceiveMessageResponse>`,
			want: `{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[{"Body":"b"}]}}}`,
		},
		{
			name: "object in S3", verb: "GET", uri: "s3:path/{bucket}/{key}", host: "s3.us-east-1.amazonaws.com", path: "/pictures/a%20b", signed: "s3",
			parameters: map[string]string{"integration.request.path.bucket": "'pictures'", "integration.request.path.key": "method.request.path.id"},
			answerType: xml, answer: "<Error/>", want: "<Error/>",
		},
		{
			name: "bucket as a subdomain", verb: "PUT", uri: "pictures.s3:path/key?tagging", host: "pictures.s3.us-east-1.amazonaws.com", path: "/key", query: "tagging=", signed: "s3",
			body: "x", wantBody: "x", answer: "ok", want: "ok",
		},
		{
			name: "parameter of Systems Manager", verb: "POST", uri: "ssm:action/GetParameter", host: "ssm.us-east-1.amazonaws.com", path: "/", signed: "ssm", answer: `{"Parameter":{"Name":"n"}}`,
			header: map[string]string{"X-Amz-Target": "AmazonSSM.GetParameter"}, body: `{"Name":"n"}`, wantBody: `{"Name":"n"}`,
			want: `{"GetParameterResponse":{"GetParameterResult":{"Parameter":{"Name":"n"}},"ResponseMetadata":{"RequestId":"id-1"}}}`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBackend(t)
			b.answer = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-Requestid", "id-1")
				if tc.answerType != "" {
					w.Header().Set("Content-Type", tc.answerType)
				}
				_, _ = io.WriteString(w, tc.answer)
			}
			a := newAPI(t, withServices(b))
			m := serviceMethod(tc.verb, tc.uri)
			m.Integration.RequestParameters = tc.parameters
			if tc.template != "" {
				m.Integration.RequestTemplates = map[string]string{"application/json": tc.template}
			}
			a.publish(deployment(resource("/{id}", m)))
			got := a.send(tc.verb, "/stage/a%20b?q=music", tc.body, "X-Mine: m", "Content-Type: application/json")
			got.is(t, 200, tc.want, "")
			if b.got == nil {
				t.Fatal("the service was not called")
			}
			if b.got.Host != tc.host || b.got.URL.EscapedPath() != tc.path || b.got.URL.RawQuery != tc.query || b.body != tc.wantBody {
				t.Errorf("got %s %s ? %s: %s", b.got.Host, b.got.URL.EscapedPath(), b.got.URL.RawQuery, b.body)
			}
			for name, want := range tc.header {
				if v := b.got.Header.Get(name); v != want {
					t.Errorf("%s: got %q, want %q", name, v, want)
				}
			}
			verified(t, b, tc.signed)
		})
	}
}

// AWS: errors of a service are answers like any other, to be told apart by status.
func TestServiceErrorsAreSelectedByStatus(t *testing.T) {
	b := newBackend(t)
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		_, _ = io.WriteString(w, `{"__type":"ResourceNotFoundException"}`)
	}
	a := newAPI(t, withServices(b))
	m := serviceMethod("POST", "dynamodb:action/GetItem")
	a.publish(deployment(resource("/", m)))
	a.send("POST", "/stage", "{}").is(t, 200, `{"__type":"ResourceNotFoundException"}`, "")
	m.Integration.Responses = append(m.Integration.Responses, snapshot.RESTIntegrationResponse{
		StatusCode: "404", SelectionPattern: `4\d{2}`, ResponseTemplates: map[string]string{"application/json": "$input.path('$.__type')"},
	})
	a.publish(deployment(resource("/", m)))
	a.send("POST", "/stage", "{}").is(t, 404, "ResourceNotFoundException", "")
}

func TestServicesThatCannotBeCalled(t *testing.T) {
	const body = `{"message": "Internal server error"}`
	for name, change := range map[string]func(*snapshot.RESTIntegration){
		"no upstream":       func(in *snapshot.RESTIntegration) { in.URI = strings.Replace(in.URI, "dynamodb", "nowhere", 1) },
		"role that refuses": func(in *snapshot.RESTIntegration) { in.Credentials = "arn:aws:iam::111111111111:role/other" },
		"no service": func(in *snapshot.RESTIntegration) {
			in.URI = "arn:aws:apigateway:us-east-1:${stageVariables.none}:action/GetItem"
		},
		"no ARN": func(in *snapshot.RESTIntegration) { in.URI = "${stageVariables.none}" },
		"header not allowed": func(in *snapshot.RESTIntegration) {
			in.RequestParameters = map[string]string{"integration.request.header.Authorization": "'x'"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBackend(t)
			a := newAPI(t, withServices(b))
			m := serviceMethod("POST", "dynamodb:action/GetItem")
			change(&m.Integration)
			a.publish(deployment(resource("/", m)))
			a.send("POST", "/stage", "{}").is(t, 500, body, "InternalServerErrorException")
			if b.got != nil {
				t.Error("the service was called")
			}
		})
	}
}

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestProxiedFirehose(t *testing.T) {
	b := newBackend(t)
	a := newAPI(t, withServices(b))
	m := serviceMethod("POST", "firehose:action/PutRecord")
	m.Integration.Type, m.Integration.Responses = "AWS_PROXY", nil
	a.publish(deployment(resource("/", m)))
	a.send("POST", "/stage", `{"Record":{}}`).is(t, 200, `{"from":"backend"}`, "")
	if b.body != `{"Record":{}}` || b.got.Header.Get("X-Amz-Target") != "Firehose_20150804.PutRecord" {
		t.Errorf("got %s %v", b.body, b.got.Header)
	}
	verified(t, b, "firehose")
}
