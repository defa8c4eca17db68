package api_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/api"
	"github.com/postern/postern/lambda/lambdatest"
)

const (
	region  = "us-east-1"
	account = "000000000000"
	farn    = "arn:aws:lambda:us-east-1:000000000000:function:"
	role    = "arn:aws:iam::000000000000:role/r"
)

// server is the API over HTTP with an executor of the test's.
type server struct {
	*httptest.Server
	service  *lambda.Service
	executor *lambdatest.Executor
}

func echo(e lambdatest.Event) ([]byte, error) { return e.Payload, nil }

func handlers() map[string]lambdatest.Handler {
	return map[string]lambdatest.Handler{
		"index.handler": echo,
		"bootstrap":     echo,
		"app.version": func(e lambdatest.Event) ([]byte, error) {
			return fmt.Appendf(nil, `{"version":%q,"arn":%q,"env":%q}`, e.Spec.Version, e.ARN, e.Spec.Variables["STAGE"]), nil
		},
		"app.fail": func(lambdatest.Event) ([]byte, error) { return nil, errors.New("it broke") },
		"app.exit": func(lambdatest.Event) ([]byte, error) { return nil, lambdatest.ErrExit },
	}
}

func newServer(t testing.TB, config lambda.Config) *server {
	t.Helper()
	s := &server{executor: &lambdatest.Executor{Handlers: handlers()}}
	s.service = lambdatest.NewService(t, s.executor, config)
	a := api.New(api.Config{Service: s.service, Logger: slog.New(slog.DiscardHandler)})
	var requests atomic.Int64
	mux := http.NewServeMux()
	mux.Handle(api.CodePath, a.CodeHandler())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.ServeHTTP(w, r.WithContext(awsapi.WithIdentity(r.Context(), awsapi.Identity{
			Account: cmp.Or(r.Header.Get("Test-Account"), account), Region: region, BaseURL: s.URL,
			RequestID: fmt.Sprintf("00000000-0000-4000-8000-%012d", requests.Add(1)),
		})))
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *server) client() *awslambda.Client {
	return awslambda.New(awslambda.Options{
		Region: region, BaseEndpoint: &s.URL, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}

// request sends a request as the row of a table has it: "METHOD path", and a body.
func (s *server) request(t testing.TB, line, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	method, path, _ := strings.Cut(line, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.Server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

// create makes a function that is Active when it returns.
func (s *server) create(t testing.TB, name, handler string, edit ...func(*awslambda.CreateFunctionInput)) {
	t.Helper()
	in := &awslambda.CreateFunctionInput{FunctionName: &name, Role: aws.String(role), Handler: &handler, Runtime: "python3.12"}
	in.Code = zipped(t, name)
	for _, f := range edit {
		f(in)
	}
	if _, err := s.client().CreateFunction(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	s.settled(t, name)
}

// settled waits until a function is neither Pending nor InProgress.
func (s *server) settled(t testing.TB, name string) {
	t.Helper()
	ref, err := lambda.ParseRef(lambdatest.Scope, name, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.service.Settled(t.Context(), ref); err != nil {
		t.Fatal(err)
	}
}

func codeJSON(t testing.TB, content string) string {
	return `{"ZipFile":"` + base64.StdEncoding.EncodeToString(lambdatest.Zip(t, "index.py", content)) + `"}`
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func get(t testing.TB, s *server, url string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, res.Status, err)
	}
	return b.Bytes()
}
