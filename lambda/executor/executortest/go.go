package executortest

import (
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/lambda/executor"
)

// goPrelude is what aws-lambda-go sends in front of a streamed HTTP response.
var goPrelude = `{"statusCode":201,"headers":{"Content-Type":"text/plain"},"cookies":["a=b"]}` + strings.Repeat("\x00", 8)

var goCases = []plainCase{
	{name: "panic", run: func(t *testing.T, f *fixture) {
		fn := f.actions(Languages[0])
		res := f.invoke(fn, `{"do":"panic"}`)
		var got struct {
			ErrorMessage, ErrorType string
			StackTrace              []struct{ Path, Label string }
		}
		decode(t, res.Payload, &got)
		if got.ErrorMessage != "boom" || got.ErrorType != "string" || len(got.StackTrace) == 0 || res.FunctionError != executor.Unhandled {
			t.Errorf("got %s", res.Payload)
		}
		if !strings.Contains(string(res.LogTail), "Runtime exited with error: exit status 1\nRuntime.ExitError\n") {
			t.Errorf("log is %q", res.LogTail)
		}
		f.want(f.invoke(fn, `{"do":"count"}`), "1")
	}},
	{name: "streamed response", run: func(t *testing.T, f *fixture) {
		var got pieces
		res := f.do(f.actions(Languages[0]), executor.Invocation{Payload: []byte(`{"do":"stream"}`), Stream: got.begin})
		if res.FunctionError != "" || !res.Streamed || got.data.String() != goPrelude+"chunk;chunk;chunk;" {
			t.Errorf("result %+v, streamed %q", res, got.data.String())
		}
		if got.contentType != "application/vnd.awslambda.http-integration-response" {
			t.Errorf("content type %q", got.contentType)
		}
		if spread := got.last.Sub(got.first); spread < 150*time.Millisecond {
			t.Errorf("pieces came within %v of each other", spread)
		}
	}},
	{name: "streamed response that fails", run: func(t *testing.T, f *fixture) {
		fn := f.actions(Languages[0])
		var got pieces
		res := f.do(fn, executor.Invocation{Payload: []byte(`{"do":"stream","count":2}`), Stream: got.begin})
		want := `{"errorMessage":"in the middle","errorType":"errorString"}`
		if res.FunctionError != executor.Unhandled || string(res.Payload) != want || got.data.String() != goPrelude+"chunk;chunk;" {
			t.Errorf("result %+v %s, streamed %q", res, res.Payload, got.data.String())
		}
		f.want(f.invoke(fn, `{"do":"count"}`), "2")
	}},
}
