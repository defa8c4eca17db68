package rest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern/postern/runtime/execlog"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

// callLog writes the execution log of one call; nil writes nothing.
type callLog struct {
	*execlog.Log
	*logging // of the stage; nil when a method is tried
	now      func() time.Time
	// heard is what was said to and by functions, when a method is tried.
	heard *listener
}

func newCallLog(rc *reqcontext.Context, s execlog.Settings, now func() time.Time) *callLog {
	return &callLog{Log: execlog.New(rc.RequestID, s, now), now: now}
}

// begin tells of a request. Its headers are named as the caller did.
func (l *callLog) begin(c *call, header http.Header, body []byte) {
	l.Step("Starting execution for request: %s", l.ID)
	l.Step("HTTP Method: %s, Resource Path: %s", c.rc.Method, c.rc.RoutePath)
	l.Step("Method request path: %s", javaParams(c.rc.PathParameters))
	l.Step("Method request query string: %s", javaParams(c.rc.Query()))
	l.Step("Method request headers: %s", javaHeader(header))
	l.Body("Method request body before transformations: %s", body)
}

// sending tells what goes to a backend; a mock has none.
func (l *callLog) sending(c *call, req *integration.Request) {
	if l == nil || !l.Steps || c.m.integrationKind == "MOCK" {
		return
	}
	switch arn, function := integration.FunctionARN(c.m.uri); {
	case req.URL != nil:
		l.request(req.URL.String(), javaHeader(req.Header), req.Body)
	case function:
		l.request(functionURL(c.rc, arn), l.functionRequestHeader(c.rc), req.Body)
	}
	// Nothing else will be sent.
}

func (l *callLog) request(uri, header string, body []byte) {
	l.Step("Endpoint request URI: %s", uri)
	l.Step("Endpoint request headers: %s", truncated(header))
	l.Body("Endpoint request body after transformations: %s", body)
	l.Step("Sending request to %s", uri)
}

// functionURL is where AWS invokes a function.
func functionURL(rc *reqcontext.Context, arn string) string {
	return "https://lambda." + rc.Region + ".amazonaws.com/2015-03-31/functions/" + arn + "/invocations"
}

// functionRequestHeader is what AWS logs of its call of a function. The call here
// is not signed: its secrets are stars, as many as AWS cuts the line at.
func (l *callLog) functionRequestHeader(rc *reqcontext.Context) string {
	return "{x-amzn-lambda-integration-tag=" + l.ID + ", Authorization=" + masked(strings.ReplaceAll(l.ID, "-", "")) +
		", X-Amz-Date=" + l.now().UTC().Format("20060102T150405Z") + ", x-amzn-apigateway-api-id=" + rc.APIID +
		", Accept=application/json, User-Agent=AmazonAPIGateway_" + rc.APIID + ", X-Amz-Security-Token=" + strings.Repeat("*", maxLogged) + "}"
}

func (l *callLog) received(c *call, res *integration.Response) error {
	if l == nil || !l.Steps || c.m.integrationKind == "MOCK" {
		return nil
	}
	if l.Bodies && (l.logging == nil || !c.m.streams()) {
		if err := buffer(c, res); err != nil {
			return err
		}
	}
	l.Step("Received response. Status: %d, Integration latency: %d ms", res.Status, c.rc.Integration.Latency.Milliseconds())
	header := javaHeader(res.Header)
	if l.heard != nil && l.heard.called {
		header = l.functionResponseHeader(c.rc)
	}
	l.Step("Endpoint response headers: %s", truncated(header))
	l.Body("Endpoint response body before transformations: %s", res.Body)
	return nil
}

func (l *callLog) functionResponseHeader(rc *reqcontext.Context) string {
	out := &l.heard.response
	return "{Date=" + l.now().UTC().Format(http.TimeFormat) + ", Content-Type=application/json, Content-Length=" + strconv.Itoa(len(out.Payload)) +
		", Connection=keep-alive, x-amzn-RequestId=" + out.RequestID + ", x-amzn-Remapped-Content-Length=0, X-Amz-Executed-Version=" + out.ExecutedVersion +
		", X-Amzn-Trace-Id=" + rc.TraceID + "}"
}

// succeeded tells of the answer.
func (l *callLog) succeeded(res *integration.Response) {
	if l == nil {
		return
	}
	if res.Header["Content-Type"] == nil {
		res.Header = withContentType(res.Header) // as it is sent
	}
	l.Body("Method response body after transformations: %s", res.Body)
	l.Step("Method response headers: %s", javaHeader(res.Header))
	l.Step("Successfully completed execution")
}

func withContentType(h http.Header) http.Header {
	if h == nil {
		h = http.Header{}
	}
	h["Content-Type"] = jsonType
	return h
}

func (l *callLog) failed(e *gwerr.Error) {
	var (
		function  *functionError
		transform *transformError
	)
	switch {
	case errors.As(e, &transform):
		// AWS says no more than the first line; the second says where in the template.
		l.Fail("Execution failed due to configuration error: %s", upperFirst(transform.Error()))
		l.Fail("%s", upperFirst(transform.err.Error()))
	case errors.As(e, &function):
		l.Fail("Lambda execution failed with status 200 due to customer function error: %s. Lambda request id: %s", errorMessage(function.payload), function.requestID)
	case errors.Is(e, errEndpoint):
		l.Fail("Execution failed due to configuration error: Invalid endpoint address")
	case errors.Is(e, errBody):
		l.Fail("Request body does not match model schema for content type application/json: %s", strings.TrimPrefix(e.Err.Error(), errBody.Error()+": "))
	case e.Type == gwerr.IntegrationTimeout:
		l.Fail("Execution failed due to a timeout error")
	case e.Type == gwerr.IntegrationFailure:
		l.Fail("Execution failed due to a network error communicating with endpoint")
	default:
		l.Fail("Execution failed due to configuration error: %s", failureText(e))
	}
}

// failureText says what went wrong, in AWS's words where they are known.
func failureText(e *gwerr.Error) string {
	var role *integration.RoleError
	switch {
	case errors.As(e, &role):
		return role.Error()
	case errors.Is(e, integration.ErrNoPermission), errors.Is(e, integration.ErrFunctionMissing):
		return "Invalid permissions on Lambda function"
	case errors.Is(e, errMalformed):
		return "Malformed Lambda proxy response"
	case errors.Is(e, errPrivate):
		return upperFirst(errPrivate.Error())
	case e.Err != nil:
		return upperFirst(e.Err.Error())
	}
	return e.Text()
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

const maxLogged = 1000

// truncated cuts what AWS cuts.
func truncated(s string) string {
	if len(s) <= maxLogged {
		return s
	}
	return s[:maxLogged] + " [TRUNCATED]"
}

func javaParams(params []reqcontext.Param) string {
	parts := make([]string, len(params))
	for i, p := range params {
		parts[i] = p.Name + "=" + p.Value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// javaHeader prints headers in the order of their names, but AWS's trace id first.
func javaHeader(h http.Header) string {
	var parts []string
	for _, name := range sortedKeys(h) {
		for _, v := range h[name] {
			if name == "X-Amzn-Trace-Id" {
				parts = slices.Insert(parts, 0, name+"="+v)
				continue
			}
			parts = append(parts, name+"="+v)
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// shown is how many characters of a secret AWS leaves readable, at its end.
const shown = 6

// masked stars a secret out.
//
// unverified against AWS: nothing of one as short as that is shown.
func masked(secret string) string {
	n := len(secret)
	if n <= shown {
		return strings.Repeat("*", n)
	}
	return strings.Repeat("*", n-shown) + secret[n-shown:]
}

// listener hears what is said to and by functions.
type listener struct {
	invoker  integration.LambdaInvoker
	called   bool
	request  integration.LambdaRequest
	response integration.LambdaResponse
	err      error
}

// Invoke implements integration.LambdaInvoker.
func (l *listener) Invoke(ctx context.Context, req integration.LambdaRequest) (integration.LambdaResponse, error) {
	l.called, l.request = true, req
	l.response, l.err = l.invoker.Invoke(ctx, req)
	return l.response, l.err
}

// through is the type with its functions called through a listener.
func (t *Type) through(l *listener) *Type {
	c := *t
	c.deps.Lambda = l
	return &c
}
