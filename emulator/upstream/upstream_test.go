package upstream_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator/frontdoor"
	"github.com/postern/postern/emulator/upstream"
)

// start serves the upstreams behind a front door and returns its address.
func start(t *testing.T, bases map[string]string) string {
	t.Helper()
	urls := map[string]*url.URL{}
	for service, base := range bases {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		urls[service] = u
	}
	ups := upstream.New(urls, slog.New(slog.DiscardHandler))
	t.Cleanup(ups.Close)
	door := frontdoor.Door{Account: "000000000000", Region: "us-east-1"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ups.Serve(w, r, door.Classify(frontdoor.FromHTTP(r)))
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// echo answers with what arrived.
func echo(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s\nhost=%s\nauth=%s\nencoding=%s\nagent=%s\nxff=%t\nbody=%s",
			r.Method, r.RequestURI, r.Host, r.Header.Get("Authorization"), r.Header.Get("Accept-Encoding"),
			r.Header.Get("User-Agent"), r.Header.Get("X-Forwarded-For") != "", body)
	}))
	t.Cleanup(server.Close)
	return server
}

// send writes a request byte for byte and returns status and body.
func send(t *testing.T, addr, request string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, strings.ReplaceAll(request, "\n", "\r\n")); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

const signed = "AWS4-HMAC-SHA256 Credential=test/20260115/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=00"

func TestRequestArrivesUnchanged(t *testing.T) {
	addr := start(t, map[string]string{"sqs": echo(t).URL})
	res, got := send(t, addr, "POST /q%2Fa/%7Eb|c/?z=1&a=%2B+;x&z=%zz HTTP/1.1\nHost: sqs.us-east-1.amazonaws.com\nAuthorization: "+signed+
		"\nContent-Length: 5\n\nhello")
	want := "POST /q%2Fa/%7Eb|c/?z=1&a=%2B+;x&z=%zz\nhost=sqs.us-east-1.amazonaws.com\nauth=" + signed +
		"\nencoding=\nagent=\nxff=true\nbody=hello"
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%d (-got +want):\n%s", res.StatusCode, diff)
	}
}

func TestUnsignedFormArrivesWhole(t *testing.T) {
	addr := start(t, map[string]string{"*": echo(t).URL + "/base/"})
	form := "Action=ListTopics&Version=2010-03-31"
	_, got := send(t, addr, fmt.Sprintf("POST / HTTP/1.1\nHost: localhost\nContent-Type: application/x-www-form-urlencoded\nContent-Length: %d\n\n%s", len(form), form))
	if !strings.HasPrefix(got, "POST /base/\n") || !strings.HasSuffix(got, "\nbody="+form) {
		t.Errorf("got %s", got)
	}
}

func TestUpstreamIsChosenByService(t *testing.T) {
	named := func(name string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, name) }))
		t.Cleanup(server.Close)
		return server.URL
	}
	addr := start(t, map[string]string{"sqs": named("sqs"), "monitoring": named("cloudwatch"), "dynamodb": named("dynamodb"), "*": named("rest")})
	for target, want := range map[string]string{
		"AmazonSQS.ListQueues":                         "sqs",
		"GraniteServiceVersion20100801.DescribeAlarms": "cloudwatch",
		"DynamoDBStreams_20120810.ListStreams":         "dynamodb",
		"AmazonSSM.GetParameter":                       "rest",
	} {
		_, got := send(t, addr, "POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: "+target+"\nContent-Length: 0\n\n")
		if got != want {
			t.Errorf("%s went to %s, want %s", target, got, want)
		}
	}
	if _, got := send(t, addr, "GET /bucket/key HTTP/1.1\nHost: localhost\n\n"); got != "rest" {
		t.Errorf("S3 by path went to %q", got)
	}
	if res, got := send(t, addr, "GET /x HTTP/1.1\nHost: u1.lambda-url.us-east-1.localhost\n\n"); res.StatusCode != 404 {
		t.Errorf("a function URL went to %q", got)
	}
}

func TestAnswersStream(t *testing.T) {
	proceed := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first\n")
		w.(http.Flusher).Flush()
		<-proceed
		io.WriteString(w, "second\n")
	}))
	defer server.Close()
	addr := start(t, map[string]string{"*": server.URL})
	res, err := http.Get("http://" + addr + "/?Action=X&Version=2010-03-31")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	if line, err := lines.ReadString('\n'); line != "first\n" {
		t.Errorf("got %q, %v", line, err)
	}
	close(proceed)
	if line, err := lines.ReadString('\n'); line != "second\n" {
		t.Errorf("got %q, %v", line, err)
	}
}

func TestNoUpstream(t *testing.T) {
	addr := start(t, nil)
	res, got := send(t, addr, "POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: AmazonSQS.CreateQueue\nContent-Length: 0\n\n")
	want := `{"__type":"UnknownOperationException","message":"sqs (CreateQueue) is not implemented by Postern and no upstream is configured; ` +
		`to pass its requests on, start postern with --upstream sqs=http://HOST:PORT"}`
	if res.StatusCode != 501 || got != want {
		t.Errorf("got %d %s", res.StatusCode, got)
	}
	res, got = send(t, addr, "GET /?Action=ListTopics&Version=2010-03-31 HTTP/1.1\nHost: localhost\n\n")
	if res.StatusCode != 501 || !strings.Contains(got, "<Code>InternalFailure</Code>") || !strings.Contains(got, "--upstream sns=") {
		t.Errorf("got %d %s", res.StatusCode, got)
	}
	res, got = send(t, addr, "GET /bucket/key HTTP/1.1\nHost: localhost\n\n")
	if res.StatusCode != 404 || !strings.Contains(got, "/_postern/health") {
		t.Errorf("got %d %s", res.StatusCode, got)
	}
}

func TestUpstreamDown(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	addr := start(t, map[string]string{"ssm": server.URL})
	res, got := send(t, addr, "POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: AmazonSSM.GetParameter\nContent-Length: 0\n\n")
	if res.StatusCode != 502 || !strings.Contains(got, `"__type":"ServiceUnavailable"`) || !strings.Contains(got, server.URL) {
		t.Errorf("got %d %s", res.StatusCode, got)
	}
}
