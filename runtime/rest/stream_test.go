package rest_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/snapshot"
)

func streaming(m snapshot.RESTMethod) snapshot.RESTMethod {
	m.Integration.TransferMode = "STREAM"
	m.Integration.URI = strings.Replace(m.Integration.URI, "2015-03-31", "2021-11-15", 1)
	if m.Integration.Type == "AWS_PROXY" {
		m.Integration.URI = strings.Replace(m.Integration.URI, "/invocations", "/response-streaming-invocations", 1)
	}
	return m
}

// open sends a request whose answer is read piece by piece.
func (a *api) open() *http.Response {
	a.Helper()
	req, err := http.NewRequestWithContext(a.Context(), "GET", a.server.URL+"/stage", nil)
	if err != nil {
		a.Fatal(err)
	}
	res, err := (&http.Transport{DisableKeepAlives: true, DisableCompression: true}).RoundTrip(req)
	if err != nil {
		a.Fatal(err)
	}
	a.Cleanup(func() { res.Body.Close() })
	return res
}

// line reads one line, which has to be there before the answer is complete.
func line(t *testing.T, r *bufio.Reader, want string) {
	t.Helper()
	if got, err := r.ReadString('\n'); got != want || err != nil {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestStreamingBackend(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	proceed := make(chan struct{})
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Server", "theirs")
		w.WriteHeader(201)
		_, _ = io.WriteString(w, "first\n")
		w.(http.Flusher).Flush()
		<-proceed
		_, _ = io.WriteString(w, "last\n")
	}
	a.publish(deployment(resource("/", streaming(httpMethod("HTTP_PROXY", "GET", b.URL, nil)))))
	res := a.open()
	if res.StatusCode != 201 || res.ContentLength != -1 || len(res.TransferEncoding) != 1 || res.Header.Get("x-amzn-Remapped-Server") != "theirs" {
		t.Errorf("got %d %v %v", res.StatusCode, res.TransferEncoding, res.Header)
	}
	lines := bufio.NewReader(res.Body)
	line(t, lines, "first\n")
	close(proceed)
	line(t, lines, "last\n")
	if _, err := lines.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v at the end", err)
	}
}

func TestStreamThatBreaksOff(t *testing.T) {
	a, b := newAPI(t), newBackend(t)
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first\n")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	a.publish(deployment(resource("/", streaming(httpMethod("HTTP_PROXY", "GET", b.URL, nil)))))
	lines := bufio.NewReader(a.open().Body)
	line(t, lines, "first\n")
	if _, err := lines.ReadByte(); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("the client cannot tell that its answer broke off: %v", err)
	}
}

const delimiter = "\x00\x00\x00\x00\x00\x00\x00\x00"

func TestStreamingFunction(t *testing.T) {
	a := newAPI(t)
	proceed := make(chan struct{})
	a.reply = func(r integration.LambdaRequest) (integration.LambdaResponse, error) {
		w := r.Stream("application/vnd.awslambda.http-integration-response")
		for _, piece := range []string{`{"statusCode":201,"headers":{"X-One":"1","X-Both":"single"},`, `"multiValueHeaders":{"x-both":["a","b"]},"cookies":["c=1","d=2"]}`, delimiter[:3], delimiter[3:] + "first\n"} {
			_, _ = io.WriteString(w, piece)
		}
		<-proceed
		_, _ = io.WriteString(w, "last\n")
		return integration.LambdaResponse{StatusCode: 200, RequestID: "r"}, nil
	}
	a.publish(deployment(resource("/", streaming(proxyMethod("GET")))))
	res := a.open()
	h := res.Header
	if res.StatusCode != 201 || res.ContentLength != -1 || h.Get("X-One") != "1" || strings.Join(h.Values("X-Both"), " ") != "a b" ||
		strings.Join(h.Values("Set-Cookie"), " ") != "c=1 d=2" || h.Get("X-Amzn-Trace-Id") == "" || h.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %v", res.StatusCode, h)
	}
	lines := bufio.NewReader(res.Body)
	line(t, lines, "first\n")
	close(proceed)
	line(t, lines, "last\n")
	if _, err := lines.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v at the end", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if got := a.events[0].FunctionARN; got != "arn:aws:lambda:us-east-1:111111111111:function:f" {
		t.Errorf("invoked %s", got)
	}
}

func TestStreamingFunctionResults(t *testing.T) {
	const failed = `{"message": "Internal server error"}`
	stream := func(pieces ...string) func(integration.LambdaRequest) (integration.LambdaResponse, error) {
		return func(r integration.LambdaRequest) (integration.LambdaResponse, error) {
			w := r.Stream("")
			for _, p := range pieces {
				_, _ = io.WriteString(w, p)
			}
			return integration.LambdaResponse{StatusCode: 200}, nil
		}
	}
	for _, tc := range []struct {
		name   string
		reply  func(integration.LambdaRequest) (integration.LambdaResponse, error)
		status int
		body   string
	}{
		{"no metadata members", stream("{}" + delimiter + "x"), 200, "x"},
		{"no body", stream(`{"statusCode":204}` + delimiter), 204, ""},
		{"status in a text", stream(`{"statusCode":"404"}` + delimiter + "x"), 404, "x"},
		{"body with the delimiter", stream("{}" + delimiter + "a" + delimiter + "b"), 200, "a" + delimiter + "b"},
		{"no delimiter", stream(`{"statusCode":200,"body":"x"}`), 500, failed},
		{"nothing", stream(), 500, failed},
		{"metadata that is none", stream("x" + delimiter), 500, failed},
		{"status that is none", stream(`{"statusCode":"x"}` + delimiter), 500, failed},
		{"16 KB of metadata", stream(`{"headers":{}}`, strings.Repeat(" ", 16<<10-14), delimiter+"x"), 200, "x"},
		{"more than that", stream(`{"headers":{}}`, strings.Repeat(" ", 16<<10-13), delimiter+"x"), 500, failed},
		{
			"function that fails before", func(integration.LambdaRequest) (integration.LambdaResponse, error) {
				return integration.LambdaResponse{StatusCode: 200, FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"x"}`)}, nil
			}, 502, failed,
		},
		{
			"function that may not be called", func(integration.LambdaRequest) (integration.LambdaResponse, error) {
				return integration.LambdaResponse{}, integration.ErrNoPermission
			}, 500, failed,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAPI(t)
			a.reply = tc.reply
			a.publish(deployment(resource("/", streaming(proxyMethod("GET")))))
			if got := a.send("GET", "/stage", ""); got.status != tc.status || got.body != tc.body {
				t.Errorf("got %d %q", got.status, got.body)
			}
		})
	}
}

// AWS: what such a function has to say is lost but for its metadata.
func TestStreamingFunctionWhereNothingIsStreamed(t *testing.T) {
	a := newAPI(t)
	a.reply = func(integration.LambdaRequest) (integration.LambdaResponse, error) {
		return integration.LambdaResponse{StatusCode: 200, Payload: []byte(`{"statusCode":202,"headers":{"X-One":"1"}}` + delimiter + "body")}, nil
	}
	a.publish(deployment(resource("/", proxyMethod("GET"))))
	got := a.send("GET", "/stage", "")
	if got.is(t, 202, "", ""); got.header.Get("X-One") != "1" {
		t.Errorf("got %v", got.header)
	}
}

// A streamed answer has the length that the function gives it, and is not encoded.
func TestStreamedAnswersAreLeftAlone(t *testing.T) {
	a := newAPI(t)
	text := strings.Repeat("pets ", 20)
	a.reply = func(r integration.LambdaRequest) (integration.LambdaResponse, error) {
		_, _ = io.WriteString(r.Stream(""), `{"headers":{"content-length":"100"}}`+delimiter+text)
		return integration.LambdaResponse{StatusCode: 200}, nil
	}
	d := deployment(resource("/", streaming(proxyMethod("GET"))))
	d.MinimumCompressionSize = new(int)
	a.publish(d)
	got := a.send("GET", "/stage", "", "Accept-Encoding: gzip")
	got.is(t, 200, text, "")
	if got.header.Get("Content-Encoding") != "" || got.header.Get("Content-Length") != "100" || got.header.Get("x-amzn-Remapped-Content-Length") != "" {
		t.Errorf("header %v", got.header)
	}
}
