package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// stepFunctions stands where Step Functions and DynamoDB are, and counts what it is asked.
func stepFunctions(t *testing.T) (*emulatortest.Postern, *atomic.Int32) {
	t.Helper()
	calls := &atomic.Int32{}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.Copy(io.Discard, r.Body) // only that it came counts
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		fmt.Fprint(w, `{"executionArn":"e"}`)
	}))
	t.Cleanup(upstream.Close)
	return emulatortest.Start(t, func(c *emulator.Config) {
		c.Upstreams = map[string]string{"states": upstream.URL, "dynamodb": upstream.URL}
	}), calls
}

func document(effect, action, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"}]}`
}

func deniedCall(role, action, resource, why string) string {
	return "User: arn:aws:sts::000000000000:assumed-role/" + role + "/BackplaneAssumeRoleSession is not authorized to perform: " + action + " on resource: " + resource + " " + why
}

// What a role may surely not do never gets to the service; its API gets the answer
// that the service would give, and chooses its own by that.
func TestRolesThatCallServices(t *testing.T) {
	p, calls := stepFunctions(t)
	const unmentioned = "because no identity-based policy allows the states:StartExecution action"
	for _, tc := range []struct {
		name, inline, attached, boundary, why string // why: empty where it may
	}{
		{"allowed", document("Allow", "states:StartExecution", stateMachine), "", "", ""},
		{"allowed-on-all", document("Allow", "states:*", "*"), "", "", ""},
		{"no-policy", "", "", "", unmentioned},
		{"logs-only", "", "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs", "", unmentioned},
		{"another-action", document("Allow", "states:StopExecution", "*"), "", "", unmentioned},
		{"another-machine", document("Allow", "states:StartExecution", stateMachine+"2"), "", "", unmentioned},
		{"denied", document("Deny", "*", "*"), "arn:aws:iam::aws:policy/AdministratorAccess", "", "with an explicit deny in an identity-based policy"},
		{"managed-and-unknown", "", "arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess", "", ""},
		{"bound", document("Allow", "states:*", "*"), "", "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess", "because no permissions boundary allows the states:StartExecution action"},
		{"bound-wide", document("Allow", "states:*", "*"), "", "arn:aws:iam::aws:policy/AdministratorAccess", ""},
		{"nobody-created-this", "", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			role := "arn:aws:iam::000000000000:role/" + tc.name
			if tc.name != "nobody-created-this" {
				role = createRole(t, p, tc.name, "apigateway.amazonaws.com", tc.inline, tc.attached)
			}
			if tc.boundary != "" {
				if _, err := p.IAM().PutRolePermissionsBoundary(t.Context(), &iam.PutRolePermissionsBoundaryInput{RoleName: &tc.name, PermissionsBoundary: &tc.boundary}); err != nil {
					t.Fatal(err)
				}
			}
			rest := newRestAPI(t, p, "")
			rest.integrate(apigateway.PutIntegrationInput{Type: v1types.IntegrationTypeAws, IntegrationHttpMethod: aws.String("POST"), Credentials: &role,
				Uri: aws.String("arn:aws:apigateway:us-east-1:states:action/StartExecution"), RequestTemplates: map[string]string{"application/json": `{"stateMachineArn":"` + stateMachine + `","input":"{}"}`}})
			rest.answers("200", "")
			rest.answers("502", "4..")
			id := integrate(t, p, &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeAwsProxy, IntegrationSubtype: aws.String("StepFunctions-StartExecution"),
				PayloadFormatVersion: aws.String("1.0"), CredentialsArn: &role, RequestParameters: map[string]string{"StateMachineArn": stateMachine}})
			address, before := rest.deploy(), calls.Load()

			answer, statuses, asked := `{"executionArn":"e"}`, []int{200, 200}, int32(2)
			if tc.why != "" {
				answer = `{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"` + deniedCall(tc.name, "states:StartExecution", stateMachine, tc.why) + `"}`
				statuses, asked = []int{502, 400}, 0
			}
			if status, body, _ := call(t, p, address, nil); status != statuses[0] || body != answer {
				t.Errorf("REST API: got %d %s, want %s", status, body, answer)
			}
			if status, body, _ := call(t, p, "http://"+id+".execute-api.localhost/", nil); status != statuses[1] || body != answer {
				t.Errorf("HTTP API: got %d %s, want %s", status, body, answer)
			}
			if got := calls.Load() - before; got != asked {
				t.Errorf("the service was called %d times, want %d", got, asked)
			}
		})
	}
}

// answers adds an integration response and its method response.
func (a *restAPI) answers(status, pattern string) {
	a.Helper()
	if _, err := a.sdk.PutMethodResponse(a.Context(), &apigateway.PutMethodResponseInput{RestApiId: &a.id, ResourceId: &a.root, HttpMethod: aws.String("ANY"), StatusCode: &status}); err != nil {
		a.Fatal(err)
	}
	if _, err := a.sdk.PutIntegrationResponse(a.Context(), &apigateway.PutIntegrationResponseInput{
		RestApiId: &a.id, ResourceId: &a.root, HttpMethod: aws.String("ANY"), StatusCode: &status, SelectionPattern: &pattern,
	}); err != nil {
		a.Fatal(err)
	}
}

// The next request sees what was changed of a role.
func TestPoliciesOfRolesThatCallServicesChange(t *testing.T) {
	p, _ := stepFunctions(t)
	role := createRole(t, p, "changing", "apigateway.amazonaws.com", "", "")
	id := integrate(t, p, &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeAwsProxy, IntegrationSubtype: aws.String("StepFunctions-StartExecution"),
		PayloadFormatVersion: aws.String("1.0"), CredentialsArn: &role, RequestParameters: map[string]string{"StateMachineArn": stateMachine}})
	want := func(status int) {
		t.Helper()
		if got, body, _ := call(t, p, "http://"+id+".execute-api.localhost/", nil); got != status {
			t.Errorf("got %d %s, want %d", got, body, status)
		}
	}
	name, of := aws.String("p"), aws.String("changing")
	put := func(action string) {
		t.Helper()
		if _, err := p.IAM().PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: of, PolicyName: name, PolicyDocument: aws.String(document("Allow", action, "*"))}); err != nil {
			t.Fatal(err)
		}
	}
	want(400)
	put("states:StartExecution")
	want(200)
	put("states:StopExecution")
	want(400)
	if _, err := p.IAM().DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: of, PolicyName: name}); err != nil {
		t.Fatal(err)
	}
	want(400)
	if _, err := p.IAM().DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: of}); err != nil {
		t.Fatal(err)
	}
	want(200)
}

// A queue or a table may have a policy that lets the role in: where they are with an
// upstream, that is not seen, and only what a statement denies is denied.
func TestRolesThatResourcesMayLetIn(t *testing.T) {
	p, calls := stepFunctions(t)
	sends := func(role string) (int, string) {
		t.Helper()
		id := integrate(t, p, &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeAwsProxy, IntegrationSubtype: aws.String("SQS-SendMessage"),
			PayloadFormatVersion: aws.String("1.0"), CredentialsArn: &role, RequestParameters: map[string]string{"QueueUrl": queueURL, "MessageBody": "m"}})
		status, body, _ := call(t, p, "http://"+id+".execute-api.localhost/", nil)
		return status, body
	}
	puts := func(role string) (int, string) {
		t.Helper()
		a := newRestAPI(t, p, "")
		a.integrate(apigateway.PutIntegrationInput{Type: v1types.IntegrationTypeAws, IntegrationHttpMethod: aws.String("POST"), Credentials: &role,
			Uri: aws.String("arn:aws:apigateway:us-east-1:dynamodb:action/PutItem"), RequestTemplates: map[string]string{"application/json": `{"TableName":"t"}`}})
		a.answers("200", "")
		status, body, _ := call(t, p, a.deploy(), nil)
		return status, body
	}
	silent := createRole(t, p, "silent", "apigateway.amazonaws.com", "", "")
	denied := createRole(t, p, "denied", "apigateway.amazonaws.com", document("Deny", "*", "*"), "")
	may := createRole(t, p, "may", "apigateway.amazonaws.com", document("Allow", "sqs:SendMessage", "*"), "")

	if status, body := sends(may); status != 200 {
		t.Errorf("a role that may: %d %s", status, body)
	}
	want := deniedCall("silent", "sqs:sendmessage", "arn:aws:sqs:us-east-1:000000000000:q", "because no identity-based policy allows the sqs:sendmessage action")
	if status, body := sends(silent); status != 403 || !strings.Contains(body, "<Code>AccessDenied</Code><Message>"+want+"</Message>") {
		t.Errorf("queue of the recorder: %d %s", status, body)
	}
	if status, body := puts(silent); status != 200 || body != `{"executionArn":"e"}` || calls.Load() != 1 {
		t.Errorf("table of an upstream: %d %s", status, body)
	}
	want = deniedCall("denied", "dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:000000000000:table/t", "with an explicit deny in an identity-based policy")
	if status, body := puts(denied); status != 200 || !strings.Contains(body, want) || calls.Load() != 1 {
		t.Errorf("denied table of an upstream: %d %s", status, body)
	}
}
