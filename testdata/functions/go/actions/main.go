// Command actions is a Lambda function that does what its event says; node/actions.js and python/actions.py do the same.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do    string `json:"do"`
	Value any    `json:"value"`
	Count int    `json:"count"`
}

var invocations int

func handle(ctx context.Context, e event) (any, error) {
	invocations++
	switch e.Do {
	case "echo":
		return e.Value, nil
	case "count":
		return invocations, nil
	case "context":
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]any{
			"requestId": lc.AwsRequestID, "arn": lc.InvokedFunctionArn, "name": lambdacontext.FunctionName,
			"version": lambdacontext.FunctionVersion, "memory": fmt.Sprint(lambdacontext.MemoryLimitInMB),
			"group": lambdacontext.LogGroupName, "stream": lambdacontext.LogStreamName,
			"remaining": time.Until(deadline).Milliseconds(),
		}, nil
	case "throw":
		return nil, errors.New("bad thing")
	case "panic":
		panic("boom")
	case "exit":
		os.Exit(e.Count)
	case "hang":
		fmt.Println("hanging")
		time.Sleep(time.Hour)
	case "sleep":
		time.Sleep(time.Duration(e.Count) * time.Millisecond)
		return invocations, nil
	case "print":
		for i := range e.Count {
			fmt.Printf("line %d %s\n", i, strings.Repeat("x", 1000))
		}
		return "printed", nil
	case "large":
		return strings.Repeat("x", e.Count), nil
	case "stream":
		return stream(e.Count), nil
	case "environment":
		return os.Environ(), nil
	case "append":
		name := os.TempDir() + "/file"
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		fmt.Fprint(f, "x")
		f.Close()
		data, err := os.ReadFile(name)
		return string(data), err
	}
	return nil, fmt.Errorf("cannot do %q", e.Do)
}

// stream answers in pieces, and fails after as many of them as fail says, if any.
func stream(fail int) *events.LambdaFunctionURLStreamingResponse {
	r, w := io.Pipe()
	go func() {
		for i := range 3 {
			io.WriteString(w, "chunk;")
			time.Sleep(100 * time.Millisecond)
			if i+1 == fail {
				w.CloseWithError(errors.New("in the middle"))
				return
			}
		}
		w.Close()
	}()
	return &events.LambdaFunctionURLStreamingResponse{
		StatusCode: 201, Headers: map[string]string{"Content-Type": "text/plain"}, Cookies: []string{"a=b"}, Body: r,
	}
}

func main() { lambda.Start(handle) }
