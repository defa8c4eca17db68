package emulator_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/postern/postern/emulator/emulatortest"
)

// A web site on AWS's own types for Go: several routes, cookies, redirects, binary
// files both ways, under the name that browsers use.
func TestWebsite(t *testing.T) {
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-o", bootstrap, "../testdata/functions/go/website")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	code, err := os.ReadFile(bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	p := emulatortest.Start(t)
	arn := createFunction(t, p, "website", "provided.al2023", "bootstrap", map[string]string{"bootstrap": string(code)})
	if _, err := p.Lambda().AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: aws.String("website"), StatementId: aws.String("gw"),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
	host := quickCreateID(t, p, arn) + ".execute-api.localhost"
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := p.HTTP()
	client.Jar = jar
	do := func(method, path, contentType string, body []byte) (*http.Response, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+host+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if contentType != "" {
			req.Header.Set("Content-Type", contentType)
		}
		res, err := client.Do(req)
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
	want := func(what string, res *http.Response, body string, status int, contentType, text string) {
		t.Helper()
		if res.StatusCode != status || res.Header.Get("Content-Type") != contentType || body != text {
			t.Errorf("%s: %d %s %q, want %d %s %q", what, res.StatusCode, res.Header.Get("Content-Type"), body, status, contentType, text)
		}
	}
	const plain = "text/plain; charset=utf-8"

	res, body := do("GET", "/", "", nil)
	want("home", res, body, 200, "text/html; charset=utf-8", "<h1>home</h1>")
	res, body = do("GET", "/me", "", nil)
	want("before the login", res, body, 401, plain, "log in first\n")

	res, _ = do("POST", "/login", "application/x-www-form-urlencoded", []byte(url.Values{"user": {"ann"}}.Encode()))
	cookies := res.Header.Values("Set-Cookie")
	if res.StatusCode != 303 || res.Header.Get("Location") != "/me?from=login" || !slices.Equal(cookies, []string{"user=ann; Path=/", "theme=dark; Path=/; HttpOnly"}) {
		t.Errorf("login: %d to %s with %q", res.StatusCode, res.Header.Get("Location"), cookies)
	}
	res, body = do("GET", res.Header.Get("Location"), "", nil)
	want("after the login", res, body, 200, plain, "ann likes dark, came from login")

	res, body = do("GET", "/items/caf%C3%A9%20au%20lait?tag=a&tag=b%26c", "", nil)
	want("item", res, body, 200, plain, `café au lait ["a" "b&c"] `+host)
	res, body = do("GET", "/pixel.png", "", nil)
	want("picture", res, body, 200, "image/png", "\x89PNG\r\n\x1a\n\x00\xff\xfe")
	res, body = do("GET", "/nowhere", "", nil)
	want("nothing", res, body, 404, plain, "404 page not found\n")

	file := bytes.Repeat([]byte{0, 1, 0xfe, 0xff}, 100_000)
	sum := sha256.Sum256(file)
	res, body = do("PUT", "/files/a/b.bin", "application/octet-stream", file)
	want("upload", res, body, 201, plain, fmt.Sprintf("a/b.bin %d %s", len(file), hex.EncodeToString(sum[:])))
	if strings.Contains(fmt.Sprint(res.Header), "X-Amzn") {
		t.Errorf("headers of a REST API: %v", res.Header)
	}
}
