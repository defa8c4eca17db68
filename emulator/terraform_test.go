package emulator_test

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/postern/postern/emulator/emulatortest"
)

// terraformMirror names the directory that terraform takes the AWS provider from, a
// filesystem mirror as `terraform providers mirror` makes one.
const terraformMirror = "POSTERN_TERRAFORM_MIRROR"

var terraformStacks = filepath.Join("..", "testdata", "terraform")

// TestTerraform takes each configuration of testdata/terraform through its life: made,
// changed, imported as if it had been made by hand, destroyed. After every step a
// plan must find nothing to do. What the data sources answer is judged by the
// configurations themselves, in postconditions.
func TestTerraform(t *testing.T) {
	mirror := os.Getenv(terraformMirror)
	if mirror == "" {
		t.Fatalf("%s is not set: it names the directory with the AWS provider, as `terraform providers mirror` makes it", terraformMirror)
	}
	stacks, err := os.ReadDir(terraformStacks)
	if err != nil {
		t.Fatal(err)
	}
	p := emulatortest.Start(t)
	for i, stack := range stacks {
		if !stack.IsDir() {
			continue
		}
		t.Run(stack.Name(), func(t *testing.T) {
			t.Parallel() // each has an account of its own
			runTerraform(t, p.Account(fmt.Sprintf("%012d", 222200000000+i)), mirror, stack.Name())
		})
	}
}

func runTerraform(t *testing.T, p *emulatortest.Postern, mirror, stack string) {
	tf := newTerraform(t, p, mirror, stack)
	tf.run("init", "-input=false")
	tf.startProvider()

	for generation := 1; generation <= 2; generation++ {
		tf.generation = generation
		tf.apply("-auto-approve")
		tf.wantEmptyPlan()
	}

	tf.apply(tf.importAll())
	tf.wantEmptyPlan()

	tf.run("destroy", "-auto-approve", "-input=false", "-refresh=false")
	wantNothing(t, p)
}

// terraform is a working directory of terraform.
type terraform struct {
	t          *testing.T
	dir        string
	env        []string
	generation int
}

func newTerraform(t *testing.T, p *emulatortest.Postern, mirror, stack string) *terraform {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(terraformStacks, stack))); err != nil {
		t.Fatal(err)
	}
	provider, err := os.ReadFile(filepath.Join(terraformStacks, "provider.tf"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("provider.tf", provider)
	write("function.zip", bootstrapZip(t))
	for generation := 1; generation <= 2; generation++ {
		cert, key := serverPEM(t, "regional.example.com")
		write(fmt.Sprintf("server-%d.pem", generation), cert)
		write(fmt.Sprintf("server-%d-key.pem", generation), key)
	}
	write("cli.tfrc", fmt.Appendf(nil, "disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror))
	creds, err := p.AWS.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &terraform{t: t, dir: dir, generation: 1, env: append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		"AWS_ENDPOINT_URL="+p.URL(), "AWS_REGION="+p.AWS.Region, "AWS_EC2_METADATA_DISABLED=true", "AWS_CA_BUNDLE=",
		"AWS_ACCESS_KEY_ID="+creds.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+creds.SecretAccessKey,
	)}
}

// bootstrapZip is a function that Lambda takes, though none calls it.
func bootstrapZip(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	w, err := zw.CreateHeader(&zip.FileHeader{Name: "bootstrap", Method: zip.Deflate})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("#!/bin/sh\n")); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// serverPEM is a server's certificate that nobody else signed, and its key.
func serverPEM(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	der, private := new(pki).issue(t, name, true)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// command runs terraform and answers with its output and exit status.
func (tf *terraform) command(args ...string) (stdout, all string, status int) {
	tf.t.Helper()
	cmd := exec.CommandContext(tf.t.Context(), "terraform", args...)
	cmd.Dir, cmd.Env = tf.dir, append(tf.env, fmt.Sprintf("TF_VAR_generation=%d", tf.generation))
	var out, both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &both, &both
	if args[0] == "show" {
		cmd.Stdout = &out
	}
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		tf.t.Fatalf("terraform %s: %v", args[0], err)
	}
	return out.String(), both.String(), cmd.ProcessState.ExitCode()
}

func (tf *terraform) run(args ...string) string {
	tf.t.Helper()
	stdout, all, status := tf.command(append([]string{args[0], "-no-color"}, args[1:]...)...)
	if status != 0 {
		// Before its errors terraform tells all that it meant to do.
		if at := strings.Index(all, "\nError: "); at > 0 {
			all = all[at:]
		}
		tf.t.Fatalf("generation %d: terraform %s:\n%s", tf.generation, strings.Join(args, " "), all)
	}
	return stdout
}

// apply relies on what is in the state: each apply follows a plan that read all there is.
func (tf *terraform) apply(plan string) {
	tf.t.Helper()
	tf.run("apply", "-input=false", "-refresh=false", plan)
}

// wantEmptyPlan asks AWS's side again: what was applied must be what is there.
func (tf *terraform) wantEmptyPlan() {
	tf.t.Helper()
	_, out, status := tf.command("plan", "-no-color", "-input=false", "-detailed-exitcode")
	if status != 0 {
		tf.t.Fatalf("generation %d: the plan is not empty:\n%s", tf.generation, out)
	}
}

type terraformPlan struct {
	Changes []struct {
		Address string
		Change  struct {
			Actions       []string
			Before, After map[string]any
			Importing     *struct{ ID string }
		}
	} `json:"resource_changes"`
}

// plan says what an apply of the file it makes would do.
func (tf *terraform) plan(file string) terraformPlan {
	tf.t.Helper()
	tf.run("plan", "-input=false", "-out="+file)
	var p terraformPlan
	if err := json.Unmarshal([]byte(tf.run("show", "-json", file)), &p); err != nil {
		tf.t.Fatal(err)
	}
	return p
}

// importAll forgets what can be imported and plans its import: as it was, with nothing
// made anew. Only what the API does not tell may be set again. It answers with the
// plan's file.
func (tf *terraform) importAll() string {
	tf.t.Helper()
	const file = "import.tfplan"
	missing := tf.forgetImportable()
	for _, r := range tf.plan(file).Changes {
		switch action := strings.Join(r.Change.Actions, " and "); action {
		case "no-op", "read":
		case "update":
			for name, before := range r.Change.Before {
				if after := r.Change.After[name]; before != nil && after != nil && !reflect.DeepEqual(before, after) {
					tf.t.Errorf("the import of %s would change %s from %v to %v", r.Address, name, before, after)
				}
			}
		default:
			tf.t.Errorf("the import of %s would %s it", r.Address, action)
		}
		if r.Change.Importing != nil {
			delete(missing, r.Address)
		}
	}
	for address := range missing {
		tf.t.Errorf("%s is not imported", address)
	}
	return file
}

type terraformResource struct {
	Address, Mode, Type string
	Values              map[string]any
}

// notImportable are the resources that the provider cannot import.
var notImportable = []string{"aws_acm_certificate_validation", "aws_lambda_permission"}

// notImported names attributes that no import finds out: a resource with one would be
// made anew.
var notImported = map[string]string{
	"aws_api_gateway_deployment":   "triggers",
	"aws_api_gateway_rest_api_put": "triggers",
	"aws_apigatewayv2_api":         "target",
	"aws_apigatewayv2_deployment":  "triggers",
}

// importIDs tells how the provider's import names a resource, where that is not the
// resource's id; {x} is the resource's attribute x.
var importIDs = map[string]string{
	"aws_api_gateway_authorizer":            "{rest_api_id}/{id}",
	"aws_api_gateway_deployment":            "{rest_api_id}/{id}",
	"aws_api_gateway_documentation_part":    "{id}",
	"aws_api_gateway_gateway_response":      "{rest_api_id}/{response_type}",
	"aws_api_gateway_integration":           "{rest_api_id}/{resource_id}/{http_method}",
	"aws_api_gateway_integration_response":  "{rest_api_id}/{resource_id}/{http_method}/{status_code}",
	"aws_api_gateway_method":                "{rest_api_id}/{resource_id}/{http_method}",
	"aws_api_gateway_method_response":       "{rest_api_id}/{resource_id}/{http_method}/{status_code}",
	"aws_api_gateway_method_settings":       "{rest_api_id}/{stage_name}/{method_path}",
	"aws_api_gateway_model":                 "{rest_api_id}/{name}",
	"aws_api_gateway_request_validator":     "{rest_api_id}/{id}",
	"aws_api_gateway_resource":              "{rest_api_id}/{id}",
	"aws_api_gateway_rest_api_policy":       "{rest_api_id}",
	"aws_api_gateway_rest_api_put":          "{rest_api_id}",
	"aws_api_gateway_stage":                 "{rest_api_id}/{stage_name}",
	"aws_api_gateway_usage_plan_key":        "{usage_plan_id}/{key_id}",
	"aws_apigatewayv2_api_mapping":          "{id}/{domain_name}",
	"aws_apigatewayv2_authorizer":           "{api_id}/{id}",
	"aws_apigatewayv2_deployment":           "{api_id}/{id}",
	"aws_apigatewayv2_integration":          "{api_id}/{id}",
	"aws_apigatewayv2_integration_response": "{api_id}/{integration_id}/{id}",
	"aws_apigatewayv2_model":                "{api_id}/{id}",
	"aws_apigatewayv2_route":                "{api_id}/{id}",
	"aws_apigatewayv2_route_response":       "{api_id}/{route_id}/{id}",
	"aws_apigatewayv2_stage":                "{api_id}/{name}",
	"aws_cloudwatch_log_metric_filter":      "{log_group_name}:{name}",
}

var attribute = regexp.MustCompile(`\{\w+\}`)

func (r terraformResource) importID() string {
	form, ok := importIDs[r.Type]
	if !ok {
		form = "{id}"
	}
	return attribute.ReplaceAllStringFunc(form, func(name string) string {
		return fmt.Sprint(r.Values[strings.Trim(name, "{}")])
	})
}

// forgetImportable takes every resource that can be imported out of the state and
// writes the import blocks that bring it back. It answers with their addresses.
func (tf *terraform) forgetImportable() map[string]bool {
	tf.t.Helper()
	var state struct {
		Values struct {
			Root struct{ Resources []terraformResource } `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(tf.run("show", "-json")), &state); err != nil {
		tf.t.Fatal(err)
	}
	var blocks strings.Builder
	forget := []string{"state", "rm"}
	imported := map[string]bool{}
	for _, r := range state.Values.Root.Resources {
		if r.Mode != "managed" || slices.Contains(notImportable, r.Type) || r.Values[notImported[r.Type]] != nil {
			continue
		}
		imported[r.Address] = true
		forget = append(forget, r.Address)
		fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", r.Address, r.importID())
	}
	if _, out, status := tf.command(forget...); status != 0 {
		tf.t.Fatalf("terraform state rm:\n%s", out)
	}
	if err := os.WriteFile(filepath.Join(tf.dir, "imports.tf"), []byte(blocks.String()), 0o600); err != nil {
		tf.t.Fatal(err)
	}
	return imported
}

// wantNothing looks for what a destroy left.
func wantNothing(t *testing.T, p *emulatortest.Postern) {
	t.Helper()
	ctx := t.Context()
	left := func(what string, n int) {
		t.Helper()
		if n != 0 {
			t.Errorf("%d %s are left", n, what)
		}
	}
	v1, v2 := p.APIGateway(), p.APIGatewayV2()
	left("REST APIs", len(must[apigateway.GetRestApisOutput](t)(v1.GetRestApis(ctx, &apigateway.GetRestApisInput{})).Items))
	left("API keys", len(must[apigateway.GetApiKeysOutput](t)(v1.GetApiKeys(ctx, &apigateway.GetApiKeysInput{})).Items))
	left("usage plans", len(must[apigateway.GetUsagePlansOutput](t)(v1.GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{})).Items))
	left("client certificates", len(must[apigateway.GetClientCertificatesOutput](t)(v1.GetClientCertificates(ctx, &apigateway.GetClientCertificatesInput{})).Items))
	left("VPC links", len(must[apigateway.GetVpcLinksOutput](t)(v1.GetVpcLinks(ctx, &apigateway.GetVpcLinksInput{})).Items))
	left("domain names", len(must[apigateway.GetDomainNamesOutput](t)(v1.GetDomainNames(ctx, &apigateway.GetDomainNamesInput{})).Items))
	left("HTTP APIs", len(must[apigatewayv2.GetApisOutput](t)(v2.GetApis(ctx, &apigatewayv2.GetApisInput{})).Items))
	left("VPC links of HTTP APIs", len(must[apigatewayv2.GetVpcLinksOutput](t)(v2.GetVpcLinks(ctx, &apigatewayv2.GetVpcLinksInput{})).Items))
	left("domain names of HTTP APIs", len(must[apigatewayv2.GetDomainNamesOutput](t)(v2.GetDomainNames(ctx, &apigatewayv2.GetDomainNamesInput{})).Items))
	left("certificates", len(must[acm.ListCertificatesOutput](t)(p.ACM().ListCertificates(ctx, &acm.ListCertificatesInput{
		Includes: &acmtypes.Filters{KeyTypes: acmtypes.KeyAlgorithm("").Values()}})).CertificateSummaryList))
	left("functions", len(must[lambda.ListFunctionsOutput](t)(p.Lambda().ListFunctions(ctx, &lambda.ListFunctionsInput{})).Functions))
	left("roles", len(must[iam.ListRolesOutput](t)(p.IAM().ListRoles(ctx, &iam.ListRolesInput{})).Roles))
	left("log groups", len(must[cloudwatchlogs.DescribeLogGroupsOutput](t)(p.Logs().DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})).LogGroups))
	if account := must[apigateway.GetAccountOutput](t)(v1.GetAccount(ctx, &apigateway.GetAccountInput{})); account.CloudwatchRoleArn != nil {
		t.Errorf("the account keeps the role %s", *account.CloudwatchRoleArn)
	}
}

// must ends the test when a call of the SDK failed.
func must[Out any](t *testing.T) func(*Out, error) *Out {
	return func(out *Out, err error) *Out {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}
