package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator"
)

// cleanEnv keeps the caller's POSTERN_* out of a test.
func cleanEnv(t *testing.T) {
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "POSTERN_") || name == "AWS_ENDPOINT_URL" {
			t.Setenv(name, "") // so that it comes back
			os.Unsetenv(name)
		}
	}
}

func runHere(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	// One that starts, though it should not, is told to end.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var out, err bytes.Buffer
	status = run(ctx, args, &out, &err)
	return status, out.String(), err.String()
}

func TestUsageErrorsAreOneLineAndStatus2(t *testing.T) {
	cleanEnv(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--bogus"}, "postern: unknown flag --bogus\n"},
		{[]string{"--executor", "podman"}, `postern: --executor must be one of "auto","docker","process" but got "podman"` + "\n"},
		{[]string{"start", "--lambda-idle", "soon"}, "postern: --lambda-idle: expected duration but got \"soon\": time: invalid duration \"soon\"\n"},
		{[]string{"begin"}, "postern: unexpected argument begin\n"},
	} {
		status, stdout, stderr := runHere(t, tc.args...)
		if diff := cmp.Diff(stderr, tc.want+"postern --help names every flag.\n"); diff != "" || status != exitUsage || stdout != "" {
			t.Errorf("%v: status %d, stdout %q (-got +want):\n%s", tc.args, status, stdout, diff)
		}
	}
}

func TestFailuresAreOneLineAndStatus1(t *testing.T) {
	cleanEnv(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	taken := ln.Addr().String()
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"port in use", []string{"--listen", taken}, taken + " is in use by another program"},
		{"no address", []string{"--listen", "here"}, `"here" is not host:port`},
		{"upstream", []string{"--upstream", "sqs=localhost:9324"}, "is not like http://host:port"},
		{"upstream twice", []string{"--upstream", "http://a", "--upstream", "http://b"}, "there is one for * already"},
		{"data directory that is a file", []string{"--listen", "127.0.0.1:0", "--data-dir", file}, file},
		{"status of nothing", []string{"status", "--url", "http://127.0.0.1:1"}, "nothing listens at http://127.0.0.1:1"},
		{"status of something else", []string{"status", "--url", notPostern(t)}, "is not a Postern"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, stdout, stderr := runHere(t, tc.args...)
			if status != exitFailed || !strings.HasPrefix(stderr, "postern: ") || !strings.Contains(stderr, tc.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("status %d, stdout %q, stderr %q; want %q", status, stdout, stderr, tc.want)
			}
		})
	}
}

func notPostern(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"hello":"world"}`) }))
	t.Cleanup(server.Close)
	return server.URL
}

func TestHelpNamesEveryFlagAndItsVariable(t *testing.T) {
	cleanEnv(t)
	for _, args := range [][]string{{"--help"}, {"start", "--help"}} {
		status, stdout, _ := runHere(t, args...)
		words := strings.Join(strings.Fields(stdout), " ")
		if status != exitOK {
			t.Errorf("%v: status %d", args, status)
		}
		for _, flag := range []string{
			"listen", "hostname", "drain-timeout", "account", "region", "data-dir", "executor", "lambda-endpoint-url", "lambda-image", "lambda-network",
			"lambda-callback-host", "lambda-idle", "lambda-max-environments", "strict", "verify-signatures", "iam", "upstream", "log-format", "log-level", "traces",
		} {
			variable := "$POSTERN_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
			if !strings.Contains(words, "--"+flag) || !strings.Contains(words, variable+")") {
				t.Errorf("%v does not name --%s and %s", args, flag, variable)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	status, stdout, _ := runHere(t, "version")
	if status != exitOK || !regexp.MustCompile(`^postern \S+ \w+/\w+ go1\.\S+\n$`).MatchString(stdout) {
		t.Errorf("status %d, %q", status, stdout)
	}
}

func TestUpstreamFlag(t *testing.T) {
	got, err := parseUpstreams([]string{"http://rest:5000/?a=b", "sqs=http://sqs:9324"})
	want := map[string]string{"*": "http://rest:5000/?a=b", "sqs": "http://sqs:9324"}
	if diff := cmp.Diff(got, want); diff != "" || err != nil {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
}

func TestBanner(t *testing.T) {
	var out bytes.Buffer
	banner(&out, emulator.Description{
		URL: "http://127.0.0.1:4566", Loopback: true, Region: "eu-west-1", Executor: "process", ExecutorReason: "no engine answers",
		Upstreams: []string{"sqs → http://localhost:9324"},
	})
	want := `Postern VERSION listens on http://127.0.0.1:4566 (this machine only)
  functions  run as processes: no engine answers
  state      is in memory; --data-dir DIR keeps it
  upstream   sqs → http://localhost:9324

Try:
  export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=eu-west-1
  aws apigatewayv2 create-api --name hello --protocol-type HTTP
  curl http://127.0.0.1:4566/_postern/traces

`
	if diff := cmp.Diff(strings.Replace(out.String(), version(), "VERSION", 1), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// TestStartAndStatus runs a Postern as main does, but for the signal.
func TestStartAndStatus(t *testing.T) {
	cleanEnv(t)
	t.Setenv("POSTERN_LISTEN", "127.0.0.1:0")
	ctx, terminate := context.WithCancel(t.Context())
	defer terminate()
	lines, out := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"--executor", "process", "--log-format", "json"}, out, &stderr)
		out.Close()
	}()
	var hello struct{ Message, URL string }
	if err := json.NewDecoder(lines).Decode(&hello); err != nil || hello.Message != "listening" {
		t.Fatalf("%v: %+v", err, hello)
	}
	go io.Copy(io.Discard, lines)

	status, stdout, _ := runHere(t, "status", "--url", hello.URL)
	if status != exitOK || !strings.Contains(stdout, "runs at "+hello.URL) || !strings.Contains(stdout, "0 REST, 0 HTTP, 0 WebSocket") {
		t.Errorf("status %d: %s", status, stdout)
	}
	t.Setenv("POSTERN_URL", hello.URL)
	status, stdout, _ = runHere(t, "status", "--json")
	var health emulator.Health
	if err := json.Unmarshal([]byte(stdout), &health); err != nil || status != exitOK || health.Status != "running" || health.Executor != "process" {
		t.Errorf("status %d, %v: %s", status, err, stdout)
	}

	terminate()
	if got := <-ended; got != exitOK {
		t.Errorf("ended with %d: %s", got, &stderr)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(hello.URL, "http://")); err == nil {
		t.Error("still listening")
	}
}
