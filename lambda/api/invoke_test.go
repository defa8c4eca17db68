package api_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/lambdatest"
)

var lastModified = regexp.MustCompile(`"LastModified":[0-9.]+`)

func wantText(t testing.TB, err error, text string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorMessage() != text {
		t.Errorf("got  %v\nwant %s", err, text)
	}
}

func TestInvoke(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.executor.Handlers["app.context"] = func(e lambdatest.Event) ([]byte, error) {
		return fmt.Appendf(nil, `{"id":%q,"arn":%q,"client":%s}`, e.RequestID, e.ARN, e.Client), nil
	}
	s.executor.Handlers["app.garbage"] = func(lambdatest.Event) ([]byte, error) { return []byte("\x00not json"), nil }
	for name, handler := range map[string]string{"echo": "index.handler", "fail": "app.fail", "exit": "app.exit", "context": "app.context", "garbage": "app.garbage"} {
		s.create(t, name, handler)
	}
	for _, tc := range []struct {
		name, function, body string
		headers              []string
		status               int
		want                 string            // R stands for the request id
		header               map[string]string // "" for absent
	}{
		{"result", "echo", `{"a":"ü"}`, nil, 200, `{"a":"ü"}`, map[string]string{
			"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST", "X-Amz-Function-Error": "", "X-Amz-Log-Result": "", "X-Amzn-Remapped-Content-Length": "0",
		}},
		{"no body", "echo", "", nil, 200, "{}", nil},
		{"trace", "echo", "1", []string{"X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"}, 200, "1", map[string]string{
			"X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
		}},
		{"by ARN", farn[:len(farn)-1] + ":context:$LATEST", "", []string{"X-Amz-Client-Context", base64.StdEncoding.EncodeToString([]byte(`{"c":1}`))}, 200, `{"id":"R","arn":"` + farn + `context:$LATEST","client":{"c":1}}`, nil},
		{"error", "fail", "{}", nil, 200, `{"errorMessage":"it broke","errorType":"Error"}`, map[string]string{"X-Amz-Function-Error": "Unhandled", "X-Amz-Executed-Version": "$LATEST"}},
		{"exit", "exit", "{}", nil, 200, `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: R Error: Runtime exited with error: exit status 1"}`, map[string]string{"X-Amz-Function-Error": "Unhandled"}},
		{"garbage", "garbage", "{}", nil, 200, "\x00not json", map[string]string{"Content-Type": "application/json"}},
		{"event", "echo", "{}", []string{"X-Amz-Invocation-Type", "Event"}, 202, "", map[string]string{"X-Amz-Executed-Version": ""}},
		{"dry run", "echo", "{}", []string{"X-Amz-Invocation-Type", "DryRun"}, 204, "", map[string]string{"X-Amz-Executed-Version": ""}},
		{"dry run of none", "none", "{}", []string{"X-Amz-Invocation-Type", "DryRun"}, 404, `{"Message":"Function not found: ` + farn + `none:$LATEST","Type":"User"}`, nil},
		{"unknown type", "echo", "{}", []string{"X-Amz-Invocation-Type", "Later"}, 400, `{"message":"1 validation error detected: Value 'Later' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"}`, nil},
		{"client context", "echo", "{}", []string{"X-Amz-Client-Context", "%"}, 400, `{"Type":"User","message":"Client context must be a valid Base64-encoded JSON object."}`, nil},
		{"too large", "echo", `"` + strings.Repeat("x", 6291455) + `"`, nil, 413, `{"Type":"User","message":"6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)"}`, map[string]string{"X-Amzn-Errortype": "RequestEntityTooLargeException"}},
		{"too large an event", "echo", `"` + strings.Repeat("x", 1048575) + `"`, []string{"X-Amz-Invocation-Type", "Event"}, 413, `{"Type":"User","message":"1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res, body := s.request(t, "POST /2015-03-31/functions/"+strings.ReplaceAll(tc.function, ":", "%3A")+"/invocations", tc.body, tc.headers...)
			id := res.Header.Get("X-Amzn-Requestid")
			if got := strings.ReplaceAll(body, id, "R"); res.StatusCode != tc.status || got != tc.want {
				t.Errorf("got %d %s\nwant %d %s", res.StatusCode, got, tc.status, tc.want)
			}
			for name, want := range tc.header {
				if got := res.Header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestThrottled(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	c, ctx := s.client(), t.Context()
	none := &awslambda.GetFunctionConcurrencyInput{FunctionName: aws.String("fn")}
	if got, err := c.GetFunctionConcurrency(ctx, none); err != nil || got.ReservedConcurrentExecutions != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.PutFunctionConcurrency(ctx, &awslambda.PutFunctionConcurrencyInput{FunctionName: aws.String("fn"), ReservedConcurrentExecutions: aws.Int32(0)}); err != nil {
		t.Fatal(err)
	}
	res, body := s.request(t, "POST /2015-03-31/functions/fn/invocations", "{}")
	if want := `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}`; res.StatusCode != 429 || body != want {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
	got, err := c.GetFunction(ctx, &awslambda.GetFunctionInput{FunctionName: aws.String("fn")})
	if err != nil || *got.Concurrency.ReservedConcurrentExecutions != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.DeleteFunctionConcurrency(ctx, &awslambda.DeleteFunctionConcurrencyInput{FunctionName: aws.String("fn")}); err != nil {
		t.Fatal(err)
	}
	if res, _ := s.request(t, "POST /2015-03-31/functions/fn/invocations", "{}"); res.StatusCode != 200 {
		t.Errorf("got %s", res.Status)
	}
}

// TestInvokeAcrossAccounts: the resource policy decides.
func TestInvokeAcrossAccounts(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	call := func() (int, string) {
		res, body := s.request(t, "POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Afn/invocations", "{}", "Test-Account", "111122223333")
		return res.StatusCode, body
	}
	if status, body := call(); status != 403 || !strings.HasPrefix(body, `{"Message":"User: arn:aws:iam::111122223333:root is not authorized to perform: lambda:InvokeFunction on resource: `+farn+`fn because`) {
		t.Errorf("got %d %s", status, body)
	}
	if _, err := s.client().AddPermission(t.Context(), &awslambda.AddPermissionInput{
		FunctionName: aws.String("fn"), StatementId: aws.String("s"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("111122223333"),
	}); err != nil {
		t.Fatal(err)
	}
	if status, body := call(); status != 200 || body != "{}" {
		t.Errorf("got %d %s", status, body)
	}
}

func TestARNs(t *testing.T) {
	s := newServer(t, lambda.Config{})
	c, ctx := s.client(), t.Context()
	name := aws.String("fn")
	made, err := c.CreateFunction(ctx, &awslambda.CreateFunctionInput{
		FunctionName: aws.String("000000000000:function:fn"), Runtime: "python3.12", Handler: aws.String("index.handler"), Role: aws.String(role), Code: zipped(t, "x"), Publish: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if *made.FunctionArn != farn+"fn" || *made.Version != "1" || *made.FunctionName != "fn" {
		t.Errorf("created %s version %s", *made.FunctionArn, *made.Version)
	}
	s.settled(t, "fn")
	s.settled(t, "fn:1")
	updated, err := c.UpdateFunctionCode(ctx, &awslambda.UpdateFunctionCodeInput{FunctionName: name, ZipFile: lambdatest.Zip(t, "index.py", "y"), Publish: true})
	if err != nil {
		t.Fatal(err)
	}
	if *updated.FunctionArn != farn+"fn:2" || *updated.Version != "2" || updated.State != types.StatePending {
		t.Errorf("updated %s version %s, %s", *updated.FunctionArn, *updated.Version, updated.State)
	}
	s.settled(t, "fn")
	s.settled(t, "fn:2")
	if _, err := c.CreateAlias(ctx, &awslambda.CreateAliasInput{FunctionName: name, Name: aws.String("live"), FunctionVersion: aws.String("1")}); err != nil {
		t.Fatal(err)
	}
	for qualifier, want := range map[string][2]string{
		"": {farn + "fn", "$LATEST"}, "$LATEST": {farn + "fn:$LATEST", "$LATEST"}, "1": {farn + "fn:1", "1"}, "live": {farn + "fn:live", "1"},
	} {
		in := &awslambda.GetFunctionConfigurationInput{FunctionName: name}
		if qualifier != "" {
			in.Qualifier = &qualifier
		}
		got, err := c.GetFunctionConfiguration(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		if *got.FunctionArn != want[0] || *got.Version != want[1] || got.State != types.StateActive {
			t.Errorf("%q: got %s, %s, %s", qualifier, *got.FunctionArn, *got.Version, got.State)
		}
	}
	list, err := c.ListVersionsByFunction(ctx, &awslambda.ListVersionsByFunctionInput{FunctionName: name, MaxItems: aws.Int32(2)})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Versions) != 2 || *list.Versions[0].FunctionArn != farn+"fn:$LATEST" || *list.Versions[1].FunctionArn != farn+"fn:1" || list.Versions[0].State != "" {
		t.Errorf("first page %+v", list.Versions)
	}
	if list, err = c.ListVersionsByFunction(ctx, &awslambda.ListVersionsByFunctionInput{FunctionName: name, Marker: list.NextMarker}); err != nil {
		t.Fatal(err)
	}
	if len(list.Versions) != 1 || *list.Versions[0].Version != "2" || list.NextMarker != nil {
		t.Errorf("second page %+v", list)
	}
	all, err := c.ListFunctions(ctx, &awslambda.ListFunctionsInput{FunctionVersion: types.FunctionVersionAll})
	if err != nil || len(all.Functions) != 3 {
		t.Errorf("got %d functions with versions, %v", len(all.Functions), err)
	}
	for qualifier, want := range map[string]string{"live": "1", "": "$LATEST"} {
		in := &awslambda.InvokeInput{FunctionName: name}
		if qualifier != "" {
			in.Qualifier = &qualifier
		}
		if res, err := c.Invoke(ctx, in); err != nil || *res.ExecutedVersion != want {
			t.Errorf("%q: got %+v, %v", qualifier, res, err)
		}
	}
}

// The deprecated form of an invocation of type Event.
func TestInvokeAsync(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	in := &awslambda.InvokeAsyncInput{FunctionName: aws.String("fn"), InvokeArgs: strings.NewReader(`{"a":1}`)}
	if got, err := s.client().InvokeAsync(t.Context(), in); err != nil || got.Status != 202 { //nolint:staticcheck // deprecated, and still an operation
		t.Errorf("got %+v, %v", got, err)
	}
	res, body := s.request(t, "POST /2014-11-13/functions/none/invoke-async", "{}")
	if want := `{"Message":"Function not found: ` + farn + `none:$LATEST","Type":"User"}`; res.StatusCode != 404 || body != want {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
}
