package runtimeapi_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/lambda/runtimeapi"
)

// recorder passes what the runtime did on to the test.
type recorder struct {
	ready  chan struct{}
	out    chan runtimeapi.Outcome
	failed chan runtimeapi.InitError
}

func (r *recorder) Ready()                            { r.ready <- struct{}{} }
func (r *recorder) Responded(out runtimeapi.Outcome)  { r.out <- out }
func (r *recorder) InitFailed(e runtimeapi.InitError) { r.failed <- e }

// environment is an API with a client in the place of the runtime.
type environment struct {
	*recorder
	t      *testing.T
	api    *runtimeapi.Server
	server *httptest.Server
}

func newEnvironment(t *testing.T) *environment {
	r := &recorder{make(chan struct{}, 4), make(chan runtimeapi.Outcome, 4), make(chan runtimeapi.InitError, 4)}
	ids := 0
	api := runtimeapi.New(runtimeapi.Function{Name: "fn", Version: "1", Handler: "h.h", AccountID: "000000000000"}, func() string {
		ids++
		return fmt.Sprintf("00000000-0000-0000-0000-%012d", ids)
	}, r)
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return &environment{r, t, api, server}
}

// do sends a request and returns status and body.
func (e *environment) do(method, path, body string, header ...string) (int, string, http.Header) {
	e.t.Helper()
	req, err := http.NewRequestWithContext(e.t.Context(), method, e.server.URL+path, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := e.server.Client().Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return res.StatusCode, string(data), res.Header
}

// poll has the runtime ask for an event that the test does not wait for.
func (e *environment) poll() {
	req, err := http.NewRequestWithContext(e.t.Context(), http.MethodGet, e.server.URL+"/2018-06-01/runtime/invocation/next", nil)
	if err != nil {
		e.t.Fatal(err)
	}
	go func() {
		if res, err := e.server.Client().Do(req); err == nil {
			res.Body.Close()
		}
	}()
}

// hand lets the runtime take an event.
func (e *environment) hand(inv *runtimeapi.Invocation) (string, http.Header) {
	e.t.Helper()
	type got struct {
		body   string
		header http.Header
	}
	done := make(chan got, 1)
	go func() {
		_, body, header := e.do("GET", "/2018-06-01/runtime/invocation/next", "")
		done <- got{body, header}
	}()
	<-e.ready
	e.api.Invoke(inv)
	g := <-done
	return g.body, g.header
}

const (
	ok       = "{\"status\":\"OK\"}\n"
	badID    = `{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}`
	tooLarge = `{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}`
)

func badState(from, to string) string {
	return `{"errorMessage":"State transition from ` + from + ` to ` + to + ` failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}`
}

func (e *environment) want(method, path, body string, status int, answer string, header ...string) {
	e.t.Helper()
	gotStatus, got, _ := e.do(method, "/2018-06-01/runtime"+path, body, header...)
	if gotStatus != status || got != answer {
		e.t.Errorf("%s %s: got %d %s, want %d %s", method, path, gotStatus, got, status, answer)
	}
}

func TestNextSendsTheEventWithItsHeaders(t *testing.T) {
	e := newEnvironment(t)
	body, header := e.hand(&runtimeapi.Invocation{
		RequestID: "id-1", FunctionARN: "arn:fn:live", TraceID: "Root=1-2-3", Deadline: time.UnixMilli(1234567), Payload: []byte(`{"a":1}`),
	})
	if body != `{"a":1}` {
		t.Errorf("body %q", body)
	}
	want := http.Header{
		"Lambda-Runtime-Aws-Request-Id": {"id-1"}, "Lambda-Runtime-Deadline-Ms": {"1234567"}, "Lambda-Runtime-Trace-Id": {"Root=1-2-3"},
		"Lambda-Runtime-Invoked-Function-Arn": {"arn:fn:live"}, "Content-Type": {"application/json"}, "Content-Length": {"7"},
	}
	if diff := cmp.Diff(want, header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestStates(t *testing.T) {
	e := newEnvironment(t)
	e.want("POST", "/invocation/x/response", "1", 403, badState("Started", "InvocationResponse"))
	e.hand(&runtimeapi.Invocation{RequestID: "a"})
	e.want("GET", "/invocation/next", "", 403, badState("Running", "Ready"))
	e.want("POST", "/init/error", "{}", 403, badState("Running", "InitError"))
	e.want("POST", "/invocation/other-id/response", "1", 400, badID)
	e.want("POST", "/invocation/other-id/error", "1", 400, badID)
	e.want("POST", "/invocation/a/response", "1", 202, ok)
	e.want("POST", "/invocation/a/response", "1", 403, badState("RuntimeResponseSentState", "InvocationResponse"))
	e.want("POST", "/invocation/a/error", "1", 403, badState("RuntimeResponseSentState", "InvocationErrorResponse"))
	if out := <-e.out; string(out.Payload) != "1" || out.ErrorType != "" {
		t.Errorf("outcome %+v", out)
	}
	e.hand(&runtimeapi.Invocation{RequestID: "b"})
	e.want("POST", "/invocation/a/response", "1", 400, badID)
	e.want("POST", "/invocation/b/error", `{"errorMessage":"m"}`, 202, ok)
	if len(e.out) != 1 {
		t.Errorf("%d outcomes", len(e.out))
	}
	if status, body, _ := e.do("GET", "/2018-06-01/ping", ""); status != 200 || body != "pong" {
		t.Errorf("ping: %d %s", status, body)
	}
	if status, _, _ := e.do("GET", "/2018-06-01/runtime/nowhere", ""); status != 404 {
		t.Errorf("unknown path: %d", status)
	}
	if status, _, _ := e.do("DELETE", "/2018-06-01/runtime/init/error", ""); status != 405 {
		t.Errorf("wrong method: %d", status)
	}
}

func TestErrorTypes(t *testing.T) {
	for given, want := range map[string]string{
		"Runtime.HandlerNotFound": "Runtime.HandlerNotFound", "Function.Mine": "Function.Mine", "Function.mine": "Function.Unknown",
		"TypeError": "Runtime.Unknown", "": "Runtime.Unknown", "Runtime.a b": "Runtime.Unknown",
	} {
		e := newEnvironment(t)
		e.want("POST", "/init/error", `{"errorMessage":"m"}`, 202, ok, "Lambda-Runtime-Function-Error-Type", given)
		if got := <-e.failed; got.Type != want || string(got.Payload) != `{"errorMessage":"m"}` {
			t.Errorf("%q: got %+v, want %s", given, got, want)
		}
	}
}

func TestErrorCauseIsNotForTheCaller(t *testing.T) {
	e := newEnvironment(t)
	e.hand(&runtimeapi.Invocation{RequestID: "a"})
	e.want("POST", "/invocation/a/error", `{"errorMessage":"m","errorType":"T","stackTrace":["s"],"errorCause":{"x":1}}`, 202, ok,
		"Content-Type", "application/vnd.aws.lambda.error.cause+json")
	if got, want := string((<-e.out).Payload), `{"errorMessage":"m","errorType":"T","stackTrace":["s"]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestResponseSize(t *testing.T) {
	const limit = 6<<20 + 100
	for _, tc := range []struct {
		name    string
		size    int
		chunked bool
		status  int
	}{
		{"largest", limit, false, 202}, {"largest, chunked", limit, true, 202},
		{"too large", limit + 1, false, 413}, {"too large, chunked", limit + 1, true, 413},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := newEnvironment(t)
			e.hand(&runtimeapi.Invocation{RequestID: "a"})
			var body io.Reader = bytes.NewReader(make([]byte, tc.size))
			if tc.chunked {
				body = io.MultiReader(body)
			}
			res, err := e.server.Client().Post(e.server.URL+"/2018-06-01/runtime/invocation/a/response", "application/json", body)
			if err == nil {
				answer, _ := io.ReadAll(res.Body)
				res.Body.Close()
				if res.StatusCode != tc.status || tc.status == 413 && string(answer) != tooLarge {
					t.Errorf("got %d %s", res.StatusCode, answer)
				}
			}
			out := <-e.out
			if tc.status == 413 {
				want := `{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}`
				if string(out.Payload) != want || out.ErrorType != "Function.ResponseSizeTooLarge" {
					t.Errorf("outcome %s %s", out.ErrorType, out.Payload)
				}
			} else if len(out.Payload) != tc.size || out.ErrorType != "" {
				t.Errorf("outcome %s, %d bytes", out.ErrorType, len(out.Payload))
			}
		})
	}
}

func TestInvalidResponseMode(t *testing.T) {
	e := newEnvironment(t)
	e.hand(&runtimeapi.Invocation{RequestID: "a"})
	e.want("POST", "/invocation/a/response", "1", 400, `{"errorMessage":"Invalid function response mode","errorType":"InvalidFunctionResponseMode"}`,
		"Lambda-Runtime-Function-Response-Mode", "buffered")
	if out := <-e.out; out.ErrorType != "Runtime.InvalidResponseModeHeader" {
		t.Errorf("outcome %+v", out)
	}
}

// raw sends bytes as they are and closes the connection when half of it is said.
func (e *environment) raw(request string, closeAfter bool) string {
	e.t.Helper()
	conn, err := new(net.Dialer).DialContext(e.t.Context(), "tcp", e.server.Listener.Addr().String())
	if err != nil {
		e.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		e.t.Fatal(err)
	}
	if closeAfter {
		return ""
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		e.t.Fatal(err)
	}
	res.Body.Close()
	return res.Status
}

func TestTruncatedResponse(t *testing.T) {
	for name, body := range map[string]string{
		"declared length":    "Content-Length: 10\r\n\r\n12345",
		"missing last chunk": "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
	} {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stream %v", name, stream), func(t *testing.T) {
				e := newEnvironment(t)
				inv := &runtimeapi.Invocation{RequestID: "a"}
				var got bytes.Buffer
				if stream {
					inv.Stream = func(string) io.Writer { return &got }
				}
				e.hand(inv)
				e.raw("POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\nHost: x\r\n"+body, true)
				out := <-e.out
				if out.ErrorType != "Runtime.TruncatedResponse" || out.Streamed != stream {
					t.Errorf("outcome %+v", out)
				}
				if stream && got.String() != "12345" {
					t.Errorf("streamed %q", got.String())
				}
			})
		}
	}
}

func TestTrailersReportAnError(t *testing.T) {
	for _, stream := range []bool{false, true} {
		e := newEnvironment(t)
		inv := &runtimeapi.Invocation{RequestID: "a"}
		var got bytes.Buffer
		var contentType string
		if stream {
			inv.Stream = func(kind string) io.Writer { contentType = kind; return &got }
		}
		e.hand(inv)
		told := `{"errorMessage":"io: read/write on closed pipe","errorType":"errorString"}`
		status := e.raw("POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: text/x\r\n"+
			"Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n5\r\nchunk\r\n0\r\n"+
			"Lambda-Runtime-Function-Error-Type: errorString\r\nLambda-Runtime-Function-Error-Body: "+
			base64.StdEncoding.EncodeToString([]byte(told))+"\r\n\r\n", false)
		out := <-e.out
		if status != "202 Accepted" || out.ErrorType != "Runtime.Unknown" || string(out.Payload) != told {
			t.Errorf("%s, outcome %+v: %s", status, out, out.Payload)
		}
		if stream && (got.String() != "chunk" || contentType != "text/x" || !out.Streamed) {
			t.Errorf("streamed %q as %q", got.String(), contentType)
		}
	}
}

func TestPipelinedAnswerAndPoll(t *testing.T) {
	e := newEnvironment(t)
	e.hand(&runtimeapi.Invocation{RequestID: "a"})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", e.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1"+
		"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n")
	<-e.out
	<-e.ready
	e.api.Invoke(&runtimeapi.Invocation{RequestID: "b", Payload: []byte("2")})
	r := bufio.NewReader(conn)
	for _, want := range []string{ok, "2"} {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(res.Body); string(body) != want {
			t.Errorf("got %q, want %q", body, want)
		}
	}
}

func TestWithdraw(t *testing.T) {
	e := newEnvironment(t)
	e.api.Invoke(&runtimeapi.Invocation{RequestID: "a"})
	if !e.api.Withdraw() || e.api.Withdraw() {
		t.Error("an event can be taken back once")
	}
}
