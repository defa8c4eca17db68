package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

const maxClientContext = 3583 // bytes of base64

// invoke writes its own answer: the payload is passed on as the function gave it.
func (a *API) invoke(ctx context.Context, in *wire.InvokeInput, w http.ResponseWriter) error {
	if in.TenantId != nil {
		return unbuilt("X-Amz-Tenant-Id of Invoke")
	}
	if in.DurableExecutionName != nil {
		return unbuilt("X-Amz-Durable-Execution-Name of Invoke")
	}
	client, err := clientContext(awsapi.Val(in.ClientContext))
	if err != nil {
		return err
	}
	res, err := a.service.Invoke(ctx, lambda.InvokeRequest{
		Scope: scopeOf(ctx), Function: *in.FunctionName, Qualifier: awsapi.Val(in.Qualifier),
		Type: awsapi.Val(in.InvocationType), Payload: in.Payload, RequestID: awsapi.IdentityFrom(ctx).RequestID, TraceID: traceOf(ctx),
		ClientContext: client, LogTail: awsapi.Val(in.LogType) == "Tail",
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("x-amzn-RequestId", res.RequestID)
	switch awsapi.Val(in.InvocationType) {
	case lambda.DryRun:
		w.WriteHeader(http.StatusNoContent)
		return nil
	case lambda.Event:
		h.Set("x-amzn-Remapped-Content-Length", "0")
		h.Set("Content-Length", "0")
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
	h.Set("x-amzn-Remapped-Content-Length", "0")
	h.Set("X-Amz-Executed-Version", res.Version)
	h.Set("X-Amzn-Trace-Id", res.TraceID)
	if res.FunctionError != "" {
		h.Set("X-Amz-Function-Error", res.FunctionError)
	}
	if awsapi.Val(in.LogType) == "Tail" {
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(res.LogTail))
	}
	// AWS: whatever the runtime posted, the answer says JSON.
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(res.Payload)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(res.Payload) // a caller that went away is nobody's concern
	return nil
}

// invokeAsync is the operation that Invoke with type Event has replaced.
func (a *API) invokeAsync(ctx context.Context, in *wire.InvokeAsyncInput) (*wire.InvokeAsyncOutput, error) {
	_, err := a.service.Invoke(ctx, lambda.InvokeRequest{
		Scope: scopeOf(ctx), Function: *in.FunctionName, Type: lambda.Event, Payload: in.InvokeArgs,
		RequestID: awsapi.IdentityFrom(ctx).RequestID, TraceID: traceOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &wire.InvokeAsyncOutput{Status: awsapi.Ptr(http.StatusAccepted)}, nil
}

func clientContext(encoded string) (string, error) {
	if encoded == "" {
		return "", nil
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !json.Valid(decoded) || len(encoded) > maxClientContext {
		// unverified against AWS: the text.
		return "", awsapi.Errorf("InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.")
	}
	return string(decoded), nil
}
