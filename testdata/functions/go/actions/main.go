// Command actions is a Lambda function that does what its event says; node/actions.js and python/actions.py do the same.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

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

func main() { lambda.Start(handle) }
