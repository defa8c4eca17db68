package api_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/lambdatest"
)

func zipped(t testing.TB, content string) *types.FunctionCode {
	return &types.FunctionCode{ZipFile: lambdatest.Zip(t, "index.py", content)}
}

// quick makes the SDK's waiters poll at once.
func quick(min, max *time.Duration) {
	*min, *max = time.Millisecond, 10*time.Millisecond
}

// TestWalk is the life of a function as the CLI, an SDK or Terraform leads it.
func TestWalk(t *testing.T) {
	for _, tc := range []struct {
		runtime types.Runtime
		handler string
	}{{"nodejs20.x", "index.handler"}, {"python3.11", "index.handler"}, {"provided.al2023", "bootstrap"}} {
		t.Run(string(tc.runtime), func(t *testing.T) {
			s := newServer(t, lambda.Config{})
			c, ctx := s.client(), t.Context()
			code := lambdatest.Zip(t, "index.js", "x")

			made, err := c.CreateFunction(ctx, &awslambda.CreateFunctionInput{
				FunctionName: aws.String("my-function"), Runtime: tc.runtime, Handler: &tc.handler, Role: aws.String(role),
				Code: &types.FunctionCode{ZipFile: code}, Tags: map[string]string{"team": "a"},
			})
			if err != nil {
				t.Fatal(err)
			}
			if made.State != types.StatePending || made.LastUpdateStatus != "" || *made.StateReason != "The function is being created." {
				t.Errorf("created in state %q, %q, %q", made.State, made.LastUpdateStatus, aws.ToString(made.StateReason))
			}

			name := &awslambda.GetFunctionInput{FunctionName: aws.String("my-function")}
			active := awslambda.NewFunctionActiveV2Waiter(c, func(o *awslambda.FunctionActiveV2WaiterOptions) { quick(&o.MinDelay, &o.MaxDelay) })
			if err := active.Wait(ctx, name, 10*time.Second); err != nil {
				t.Fatal(err)
			}
			got, err := c.GetFunction(ctx, name)
			if err != nil {
				t.Fatal(err)
			}
			if *got.Configuration.RevisionId == *made.RevisionId {
				t.Error("the revision did not change with the state")
			}
			if !bytes.Equal(get(t, s, *got.Code.Location), code) {
				t.Error("Code.Location serves other bytes")
			}
			if got.Tags["team"] != "a" {
				t.Errorf("tags: %v", got.Tags)
			}

			res, err := c.Invoke(ctx, &awslambda.InvokeInput{FunctionName: name.FunctionName, Payload: []byte(`{"a":1}`), LogType: types.LogTypeTail})
			if err != nil {
				t.Fatal(err)
			}
			tail, err := base64.StdEncoding.DecodeString(*res.LogResult)
			if err != nil || !strings.HasPrefix(string(tail), "START RequestId: ") || !strings.Contains(string(tail), "REPORT RequestId: ") {
				t.Errorf("log tail %q, %v", tail, err)
			}
			if string(res.Payload) != `{"a":1}` || res.StatusCode != 200 || *res.ExecutedVersion != "$LATEST" {
				t.Errorf("got %d %s of version %s", res.StatusCode, res.Payload, *res.ExecutedVersion)
			}

			updated, err := c.UpdateFunctionConfiguration(ctx, &awslambda.UpdateFunctionConfigurationInput{
				FunctionName: name.FunctionName, Environment: &types.Environment{Variables: map[string]string{"STAGE": "b"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if updated.State != types.StateActive || updated.LastUpdateStatus != types.LastUpdateStatusInProgress {
				t.Errorf("updated in state %s, %s", updated.State, updated.LastUpdateStatus)
			}
			waiter := awslambda.NewFunctionUpdatedV2Waiter(c, func(o *awslambda.FunctionUpdatedV2WaiterOptions) { quick(&o.MinDelay, &o.MaxDelay) })
			if err := waiter.Wait(ctx, name, 10*time.Second); err != nil {
				t.Fatal(err)
			}

			if _, err := c.AddPermission(ctx, &awslambda.AddPermissionInput{
				FunctionName: name.FunctionName, StatementId: aws.String("api"), Action: aws.String("lambda:InvokeFunction"),
				Principal: aws.String("apigateway.amazonaws.com"), SourceArn: aws.String("arn:aws:execute-api:us-east-1:000000000000:abc/*/*/my-function"),
			}); err != nil {
				t.Fatal(err)
			}

			if _, err := c.DeleteFunction(ctx, &awslambda.DeleteFunctionInput{FunctionName: name.FunctionName}); err != nil {
				t.Fatal(err)
			}
			_, err = c.GetFunction(ctx, name)
			wantCode(t, err, "ResourceNotFoundException")
			_, err = c.GetPolicy(ctx, &awslambda.GetPolicyInput{FunctionName: name.FunctionName})
			wantCode(t, err, "ResourceNotFoundException")
			res2, _ := s.request(t, "GET "+strings.TrimPrefix(*got.Code.Location, s.URL), "")
			if res2.StatusCode != 404 {
				t.Errorf("the code is still served: %s", res2.Status)
			}
		})
	}
}
