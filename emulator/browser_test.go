package emulator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/emulator/emulatortest"
)

// browserTime bounds a test in a browser; one that starts cold takes seconds.
const browserTime = time.Minute

// browser starts a headless Chromium that looks for nothing on the internet.
func browser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("there is no Chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	// Not the test's own context: it ends before the browser has been closed.
	ctx, cancel := context.WithTimeout(context.Background(), browserTime)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	// Cancel waits for the browser to end; only then can its directory go.
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the browser: %v", err)
		}
		cancel()
	})
	return ctx
}

// visits is a backend that sets a cookie and remembers what reached it.
type visits struct {
	mu   sync.Mutex
	seen []string
}

func (v *visits) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	cookie := "no cookie"
	if c, err := r.Cookie("session"); err == nil {
		cookie = c.Value
	}
	v.mu.Lock()
	v.seen = append(v.seen, fmt.Sprintf("%s %s %s, %s", r.Method, r.URL.Path, r.Header.Get("X-Client"), cookie))
	v.mu.Unlock()
	w.Header().Set("Access-Control-Allow-Origin", "http://nobody.example.com") // the gateway's takes its place
	w.Header().Set("X-Total", "7")
	w.Header().Set("X-Hidden", "8")
	http.SetCookie(w, &http.Cookie{Name: "session", Value: "s1", Path: "/"})
	fmt.Fprint(w, "hello")
}

// A page of another origin calls an API: with a preflight, with credentials, and with
// what the API does not allow.
func TestBrowserCrossOrigin(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>page</title>")
	}))
	defer page.Close()
	origin := strings.Replace(page.URL, "127.0.0.1", "localhost", 1)
	backend := &visits{}
	server := httptest.NewServer(backend)
	defer server.Close()
	p := emulatortest.Start(t)
	id := quickCreateID(t, p, server.URL)
	if _, err := p.APIGatewayV2().UpdateApi(t.Context(), &apigatewayv2.UpdateApiInput{ApiId: &id, CorsConfiguration: &v2types.Cors{
		AllowOrigins: []string{origin}, AllowMethods: []string{"GET", "PUT"}, AllowHeaders: []string{"x-client"}, ExposeHeaders: []string{"x-total"},
		AllowCredentials: aws.Bool(true), MaxAge: aws.Int32(60),
	}}); err != nil {
		t.Fatal(err)
	}
	// Another port is another origin, but the same site: its cookies are not a third
	// party's, which browsers keep back.
	api := strings.Replace(p.URL(), "127.0.0.1", "localhost", 1) + "/_aws/execute-api/" + id + "/$default"

	ctx := browser(t)
	fetch := func(path, init string) string {
		script := fmt.Sprintf(`fetch(%q, %s).then(async r => [r.status, await r.text(), r.headers.get("x-total"), r.headers.get("x-hidden")].join(" "), e => "refused")`, api+path, init)
		result, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(origin)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, path, init, want string }{
		{"with a preflight", "/first", `{method: "PUT", credentials: "include", headers: {"x-client": "page"}, body: "x"}`, "200 hello 7 "},
		{"with credentials", "/second", `{credentials: "include"}`, "200 hello 7 "},
		{"a method that is not allowed", "/third", `{method: "DELETE", credentials: "include"}`, "refused"},
		{"a header that is not allowed", "/fourth", `{headers: {"x-other": "1"}}`, "refused"},
	} {
		if got := fetch(tc.path, tc.init); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	// The same page under another name is another origin.
	if err := chromedp.Do(ctx, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	if got := fetch("/fifth", `{method: "PUT", headers: {"x-client": "page"}}`); got != "refused" {
		t.Errorf("another origin: %q", got)
	}
	backend.mu.Lock()
	defer backend.mu.Unlock()
	want := []string{"PUT /first page, no cookie", "GET /second , s1"}
	if diff := cmp.Diff(backend.seen, want); diff != "" {
		t.Errorf("what reached the backend (-got +want):\n%s", diff)
	}
}
