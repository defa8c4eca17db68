package httpapi_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/httpapi"
	"github.com/postern/postern/runtime/snapshot"
)

// discard is a response writer that costs nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

func request(method, path string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	r.Header = http.Header{"Accept": {"*/*"}, "User-Agent": {"bench"}, "Accept-Encoding": {"gzip"}}
	return r
}

func benchmark(b *testing.B, s *server, path string) {
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		w := &discard{header: http.Header{}}
		s.gateway.ServeAPI(w, request("GET", path), runtime.Target{APIID: apiID, Path: path, Host: host})
	}
}

func BenchmarkLambdaProxy(b *testing.B) {
	for _, format := range []string{"1.0", "2.0"} {
		b.Run(format, func(b *testing.B) {
			f := &invoker{payload: `{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{\"ok\":true}"}`}
			benchmark(b, serve(b, httpapi.Deps{Lambda: f}, lambdaAPI(format, "GET /pets/{id}")), "/pets/7")
		})
	}
}

func BenchmarkHTTPProxy(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1024)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	defer backend.Close()
	for name, api := range map[string]*snapshot.HTTPDeployment{
		"route":   proxyAPI(backend.URL, "ANY", "GET /pets"),
		"default": proxyAPI(backend.URL, "ANY", "$default"),
	} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, serve(b, httpapi.Deps{}, api), "/pets")
		})
	}
	b.Run("floor", func(b *testing.B) {
		t := &http.Transport{DisableCompression: true}
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequest("GET", backend.URL+"/pets", nil)
			if err != nil {
				b.Fatal(err)
			}
			res, err := t.RoundTrip(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	})
}
