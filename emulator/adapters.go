package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/postern/postern/controlplane/apigateway"
	"github.com/postern/postern/controlplane/apigatewayv2"
	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/logs"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/runtime/accesslog"
	"github.com/postern/postern/runtime/exchange"
	"github.com/postern/postern/runtime/integration"
)

// functionInvoker lets the data plane invoke functions.
type functionInvoker struct {
	lambda *lambda.Service
	roles  *roles
}

// Invoke implements integration.LambdaInvoker.
func (f functionInvoker) Invoke(ctx context.Context, req integration.LambdaRequest) (integration.LambdaResponse, error) {
	arn, ok := awsapi.ParseARN(req.FunctionARN)
	if !ok || !strings.HasPrefix(arn.Resource, "function:") {
		return integration.LambdaResponse{}, fmt.Errorf("%q is no function's ARN: %w", req.FunctionARN, integration.ErrFunctionMissing)
	}
	in := lambda.InvokeRequest{
		Scope:    store.Scope{Account: arn.Account, Region: arn.Region},
		Function: req.FunctionARN, Type: req.InvocationType, Payload: req.Payload, TraceID: req.TraceID,
		Caller: lambda.Caller{Service: req.Principal, SourceARN: req.SourceARN},
	}
	if source, ok := awsapi.ParseARN(req.SourceARN); ok {
		in.Caller.SourceAccount = source.Account
	}
	if role, ok := awsapi.ParseARN(req.CredentialsARN); ok {
		in.Caller = lambda.Caller{Account: role.Account, Role: req.CredentialsARN}
		if err := f.roles.mayInvoke(req.CredentialsARN, req.FunctionARN); err != nil {
			return integration.LambdaResponse{}, err
		}
	}
	if req.Stream != nil {
		in.Stream = func(_, contentType string) io.Writer { return req.Stream(contentType) }
	}
	res, err := f.lambda.Invoke(ctx, in)
	if err != nil {
		return integration.LambdaResponse{}, invokeError(err)
	}
	out := integration.LambdaResponse{Payload: res.Payload, FunctionError: res.FunctionError, StatusCode: 200, RequestID: res.RequestID, ExecutedVersion: res.Version}
	if req.InvocationType == integration.Event {
		out.StatusCode = 202
	}
	return out, nil
}

// invokeError turns the Lambda service's errors into those that the gateway knows.
func invokeError(err error) error {
	var refused *lambda.Error
	switch {
	case errors.Is(err, lambda.ErrNotAuthorized):
		return fmt.Errorf("%w: %w", integration.ErrNoPermission, err)
	case errors.Is(err, lambda.ErrNotFound):
		return fmt.Errorf("%w: %w", integration.ErrFunctionMissing, err)
	case errors.Is(err, lambda.ErrThrottled):
		return fmt.Errorf("%w: %w", integration.ErrThrottled, err)
	case errors.As(err, &refused) && refused.Code == "RequestEntityTooLargeException":
		return fmt.Errorf("%w: %w", integration.ErrPayloadTooLarge, err)
	case errors.As(err, &refused) && refused.Code == "InvalidRequestContentException":
		return &integration.PayloadError{Message: refused.Message}
	}
	return err
}

// functionLogs carries functions' log lines to CloudWatch Logs.
type functionLogs struct{ logs *logs.Service }

// PutLogEvents implements executor.LogSink.
func (f functionLogs) PutLogEvents(stream executor.LogStream, events []executor.LogEvent) {
	out := make([]logs.Event, len(events))
	for i, e := range events {
		out[i] = logs.Event{Time: e.Time, Message: e.Message}
	}
	f.logs.Put(store.Scope{Account: stream.Account, Region: stream.Region}, stream.Group, stream.Stream, out)
}

// accessLogs carries the access log lines of stages to CloudWatch Logs.
func accessLogs(l *logs.Service) exchange.Sink {
	var out []logs.Event // of one batch after another
	return accesslog.Sink(func(account, region, group, stream string, lines []accesslog.Line) {
		out = out[:0]
		for _, line := range lines {
			out = append(out, logs.Event{Time: line.At, Message: line.Text})
		}
		l.Put(store.Scope{Account: account, Region: region}, group, stream, out)
		clear(out)
	})
}

// vpcLinkExists tells REST APIs whether a VPC link of either kind is there.
func (e *Emulator) vpcLinkExists(account, region, id string) bool {
	scope, found := store.Scope{Account: account, Region: region}, false
	// A transaction that only looks cannot fail.
	_ = e.db.View(func(tx *store.Tx) error {
		found = apigateway.VPCLinkExists(tx, scope, id) || apigatewayv2.VPCLinkExists(tx, scope, id)
		return nil
	})
	return found
}

// publishInvocation puts an invocation into the stream of exchanges.
func (e *Emulator) publishInvocation(in lambda.Invocation) {
	e.stream.Publish(&exchange.Record{
		RequestID: in.RequestID, TraceID: in.TraceID, Kind: exchange.Lambda, Account: in.Scope.Account, Region: in.Scope.Region,
		Start: in.Start, Status: in.Status, Latency: in.Wait + in.Duration, RequestSize: int64(in.RequestSize), ResponseSize: int64(in.ResponseSize),
		Function: &exchange.Function{
			ARN: in.FunctionARN, RequestID: in.RequestID, InvocationType: in.Type, ColdStart: in.ColdStart,
			Version: in.Version, Attempt: in.Attempt, Wait: in.Wait, Init: in.InitDuration, Duration: in.Duration, MemoryMB: in.MemoryMB,
		},
		ErrorType: in.ErrorType, ErrorMessage: in.ErrorMessage,
	})
}
