package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// invokeWithResponseStream passes a response on piece by piece, as the function writes it.
func (a *API) invokeWithResponseStream(ctx context.Context, in *wire.InvokeWithResponseStreamInput, w http.ResponseWriter) error {
	if in.TenantId != nil {
		return unbuilt("X-Amz-Tenant-Id of InvokeWithResponseStream")
	}
	client, err := clientContext(awsapi.Val(in.ClientContext))
	if err != nil {
		return err
	}
	out := &pieces{w: w, requestID: awsapi.IdentityFrom(ctx).RequestID}
	// The function may write on after its caller has gone, and with it w.
	defer out.close()
	tail := awsapi.Val(in.LogType) == "Tail"
	res, err := a.service.Invoke(ctx, lambda.InvokeRequest{
		Scope: scopeOf(ctx), Function: *in.FunctionName, Qualifier: awsapi.Val(in.Qualifier),
		Type: awsapi.Val(in.InvocationType), Payload: in.Payload, RequestID: out.requestID, TraceID: traceOf(ctx),
		ClientContext: client, LogTail: tail, Stream: out.begin,
	})
	switch {
	case err != nil && out.begun():
		// What has been sent is a success; all that is left is to cut it off.
		panic(http.ErrAbortHandler)
	case err != nil:
		return err
	case awsapi.Val(in.InvocationType) == lambda.DryRun:
		w.Header().Set("x-amzn-RequestId", res.RequestID)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if !out.begun() {
		out.begin(res.Version, "")
		if res.FunctionError == "" && len(res.Payload) > 0 {
			_, _ = out.Write(res.Payload)
		}
	}
	end := struct {
		ErrorCode    string `json:",omitempty"`
		ErrorDetails string `json:",omitempty"`
		LogResult    string `json:",omitempty"`
	}{ErrorCode: res.FunctionError}
	if res.FunctionError != "" {
		end.ErrorDetails = string(res.Payload)
	}
	if tail {
		end.LogResult = base64.StdEncoding.EncodeToString(res.LogTail)
	}
	last, err := json.Marshal(end)
	if err != nil {
		return err
	}
	out.send(invokeComplete(last))
	return nil
}

// pieces writes a response as frames until it is closed.
type pieces struct {
	requestID string

	mu      sync.Mutex
	w       http.ResponseWriter // nil once closed
	started bool
}

func (p *pieces) begun() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started
}

func (p *pieces) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.w = nil
}

func (p *pieces) begin(version, _ string) io.Writer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.started = true; p.w != nil {
		h := p.w.Header()
		h.Set("x-amzn-RequestId", p.requestID)
		h.Set("X-Amz-Executed-Version", version)
		h.Set("Content-Type", eventStream)
		p.w.WriteHeader(http.StatusOK)
	}
	return p
}

// Write sends one piece. It reports no failure to the function: AWS does not either.
func (p *pieces) Write(data []byte) (int, error) {
	p.send(payloadChunk(data))
	return len(data), nil
}

func (p *pieces) send(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w == nil {
		return
	}
	// A caller that went away shows as the end of the request's context.
	_, _ = p.w.Write(b)
	_ = http.NewResponseController(p.w).Flush()
}
