package api_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/postern/postern/lambda"
)

func TestInvokeWithResponseStream(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "echo", "index.handler")
	s.create(t, "fail", "app.fail")
	for _, tc := range []struct {
		function, payload string
		code, details     string
	}{
		{"echo", `{"hello":"world"}`, "", ""},
		{"fail", "", "Unhandled", `{"errorMessage":"it broke","errorType":"Error"}`},
	} {
		out, err := s.client().InvokeWithResponseStream(t.Context(), &awslambda.InvokeWithResponseStreamInput{
			FunctionName: &tc.function, Payload: []byte(tc.payload), LogType: types.LogTypeTail,
		})
		if err != nil {
			t.Fatal(err)
		}
		var payload strings.Builder
		var end *types.InvokeWithResponseStreamCompleteEvent
		for event := range out.GetStream().Events() {
			switch e := event.(type) {
			case *types.InvokeWithResponseStreamResponseEventMemberPayloadChunk:
				payload.Write(e.Value.Payload)
			case *types.InvokeWithResponseStreamResponseEventMemberInvokeComplete:
				end = &e.Value
			}
		}
		if err := out.GetStream().Err(); err != nil {
			t.Fatal(err)
		}
		if payload.String() != tc.payload || aws.ToString(out.ExecutedVersion) != "$LATEST" {
			t.Errorf("%s: got %q from version %s", tc.function, payload.String(), aws.ToString(out.ExecutedVersion))
		}
		if end == nil || aws.ToString(end.ErrorCode) != tc.code || aws.ToString(end.ErrorDetails) != tc.details || aws.ToString(end.LogResult) == "" {
			t.Errorf("%s: ended with %+v", tc.function, end)
		}
	}
	_, err := s.client().InvokeWithResponseStream(t.Context(), &awslambda.InvokeWithResponseStreamInput{FunctionName: aws.String("none")})
	wantText(t, err, "Function not found: "+farn+"none:$LATEST")
}
