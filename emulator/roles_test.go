package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/postern/postern/emulator/emulatortest"
)

// Of roles that were created here, what they may do counts where functions are
// invoked; the error is that of Lambda's refusal.
func TestRolesThatInvokeFunctions(t *testing.T) {
	p := emulatortest.Start(t)
	backend := createFunction(t, p, "echo", "python3.11", "index.handler", map[string]string{"index.py": echo})
	may := func(effect, resource string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"lambda:Invoke*","Resource":"` + resource + `"}]}`
	}
	for _, tc := range []struct {
		name, principal, inline, attached string
		status                            int
		log                               string
	}{
		{"trusted", "apigateway.amazonaws.com", may("Allow", backend), "", 200, "Method completed with status: 200"},
		{"managed", "apigateway.amazonaws.com", "", "arn:aws:iam::aws:policy/service-role/AWSLambdaRole", 200, ""},
		{"no-policy", "apigateway.amazonaws.com", "", "", 500, "Execution failed due to configuration error: Invalid permissions on Lambda function"},
		{"other-function", "apigateway.amazonaws.com", may("Allow", backend+"2"), "", 500, "Invalid permissions on Lambda function"},
		{"denied", "apigateway.amazonaws.com", may("Deny", "*"), "arn:aws:iam::aws:policy/service-role/AWSLambdaRole", 500, "Invalid permissions on Lambda function"},
		{"bound", "apigateway.amazonaws.com", may("Allow", "*"), "", 500, "Invalid permissions on Lambda function"},
		{"distrusting", "lambda.amazonaws.com", may("Allow", "*"), "", 500, "Execution failed due to configuration error: API Gateway does not have permission to assume the provided role arn:aws:iam::000000000000:role/distrusting"},
		{"", "", "", "", 200, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			role := "arn:aws:iam::000000000000:role/nobody-created-this"
			if tc.name != "" {
				role = createRole(t, p, tc.name, tc.principal, tc.inline, tc.attached)
			}
			if tc.name == "bound" {
				if _, err := p.IAM().PutRolePermissionsBoundary(t.Context(), &iam.PutRolePermissionsBoundaryInput{RoleName: &tc.name,
					PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/CloudWatchLogsFullAccess")}); err != nil {
					t.Fatal(err)
				}
			}
			a := newRestAPI(t, p, "")
			a.integrate(apigateway.PutIntegrationInput{Type: v1types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"), Uri: invocations(backend), Credentials: &role})
			status, body, _ := call(t, p, a.deploy(), nil)
			if status != tc.status || status == 500 && body != `{"message": "Internal server error"}` {
				t.Errorf("got %d %s", status, body)
			}
			tried, err := a.sdk.TestInvokeMethod(t.Context(), &apigateway.TestInvokeMethodInput{RestApiId: &a.id, ResourceId: &a.root, HttpMethod: aws.String("ANY")})
			if err != nil || !strings.Contains(*tried.Log, tc.log+"\n") && tc.log != "" {
				t.Errorf("no %q in %s, %v", tc.log, aws.ToString(tried.Log), err)
			}
		})
	}
}

func createRole(t *testing.T, p *emulatortest.Postern, name, principal, inline, attached string) string {
	t.Helper()
	out, err := p.IAM().CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + principal + `"},"Action":"sts:AssumeRole"}]}`)})
	if err == nil && inline != "" {
		_, err = p.IAM().PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("p"), PolicyDocument: &inline})
	}
	if err == nil && attached != "" {
		_, err = p.IAM().AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &attached})
	}
	if err != nil {
		t.Fatal(err)
	}
	return *out.Role.Arn
}

// A method may be invoked in its caller's name, who then has to sign.
func TestCallersCredentials(t *testing.T) {
	p := emulatortest.Start(t)
	backend := createFunction(t, p, "echo", "python3.11", "index.handler", map[string]string{"index.py": echo})
	a := newRestAPI(t, p, "")
	own := "arn:aws:iam::*:user/*"
	for verb, authorization := range map[string]string{"GET": "AWS_IAM", "POST": "NONE"} {
		if _, err := a.sdk.PutMethod(t.Context(), &apigateway.PutMethodInput{RestApiId: &a.id, ResourceId: &a.root, HttpMethod: &verb, AuthorizationType: &authorization}); err != nil {
			t.Fatal(err)
		}
		if _, err := a.sdk.PutIntegration(t.Context(), &apigateway.PutIntegrationInput{
			RestApiId: &a.id, ResourceId: &a.root, HttpMethod: &verb, Type: v1types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"), Uri: invocations(backend), Credentials: &own,
		}); err != nil {
			t.Fatal(err)
		}
	}
	address := a.deploy()
	if status, body, _ := call(t, p, address, signed(t, "test", "test", "")); status != 200 {
		t.Errorf("signed: got %d %s", status, body)
	}
	res, err := p.HTTP().Post(address, "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close() // only the status counts
	if res.StatusCode != 500 {
		t.Errorf("unsigned: got %d", res.StatusCode)
	}
}
