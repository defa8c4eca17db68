package emulator_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator/emulatortest"
)

// website is the site of a framework behind a front.
type website struct {
	*testing.T
	p         *emulatortest.Postern
	front     *front
	framework *framework
	client    *http.Client
	id        string
	host      string
	logo      []byte
}

const (
	htmlType = "text/html; charset=utf-8"
	jsonType = "application/json; charset=utf-8"
	formType = "application/x-www-form-urlencoded"
	binType  = "application/octet-stream"
)

// do makes a request; header is names and values in turn.
func (s *website) do(method, path, body string, header ...string) (*http.Response, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, "http://"+s.host+s.front.stage+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return res, string(b)
}

// shown is an answer on one line.
func (s *website) shown(res *http.Response, body string) string {
	s.Helper()
	contentType := res.Header.Get("Content-Type")
	if contentType == jsonType && body != "" {
		body = compact(s.T, body)
	}
	return fmt.Sprint(res.StatusCode, " ", contentType, " ", body)
}

func (s *website) check() {
	s.pages()
	s.pictures()
	s.redirects()
	s.login()
	s.compression()
	s.errors()
	s.options()
}

func (s *website) pages() {
	everyByte := make([]byte, 1<<20)
	for i := range everyByte {
		everyByte[i] = byte(i ^ i>>8)
	}
	const parts = "--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n\x00\xff\xfe\r\n--x--\r\n"
	for _, tc := range []struct {
		method, path, contentType, body, want string
	}{
		{"GET", "/", "", "", "200 " + htmlType + " <h1>home</h1>"},
		{"HEAD", "/", "", "", "200 " + htmlType + " "},
		{"GET", "/items/1", "", "", "200 " + jsonType + ` {"id":"1","q":"","tags":[]}`},
		{"GET", "/items/caf%C3%A9%20au%20lait?tag=a&tag=b%26c&q=x+y%2Bz", "", "", "200 " + jsonType + ` {"id":"café au lait","q":"x y+z","tags":["a","b\u0026c"]}`},
		{"GET", "/seen?x=1", "", "", "200 " + jsonType + ` {"from":"127.0.0.1","host":"` + s.host + `","proto":"https","url":"` + s.front.seen + `/seen?x=1"}`},
		{"POST", "/json", "application/json", `{"name":"Zoë"}`, "201 " + jsonType + ` {"hello":"Zoë"}`},
		{"POST", "/form", formType, "a=1&a=%C3%A9&b=x+y", "200 " + jsonType + ` {"a":["1","é"],"b":"x y"}`},
		{"POST", "/echo", binType, string(everyByte), "200 " + binType + " " + string(everyByte)},
		{"POST", "/echo", "image/png", string(s.logo), "200 image/png " + string(s.logo)},
		{"POST", "/echo", "multipart/form-data; boundary=x", parts, "200 multipart/form-data; boundary=x " + parts},
		{"POST", "/echo", "text/plain; charset=utf-8", "Zoë", "200 text/plain; charset=utf-8 Zoë"},
	} {
		res, body := s.do(tc.method, tc.path, tc.body, "Content-Type", tc.contentType)
		if got := s.shown(res, body); got != tc.want {
			s.Errorf("%s %s: %.200q, want %.200q", tc.method, tc.path, got, tc.want)
		}
	}
}

func (s *website) pictures() {
	res, body := s.do("GET", "/logo.png", "", "Accept", "image/avif,image/png,*/*;q=0.8")
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "image/png" || body != string(s.logo) || res.ContentLength != int64(len(s.logo)) {
		s.Errorf("picture: %d %s, %d bytes of %d", res.StatusCode, res.Header.Get("Content-Type"), len(body), len(s.logo))
	}
	if again, body := s.do("GET", "/logo.png", "", "If-Modified-Since", res.Header.Get("Last-Modified")); again.StatusCode != 304 || body != "" {
		s.Errorf("picture again: %d, %d bytes", again.StatusCode, len(body))
	}
	if part, body := s.do("GET", "/logo.png", "", "Range", "bytes=100-199"); part.StatusCode != 206 || body != string(s.logo[100:200]) ||
		part.Header.Get("Content-Range") != fmt.Sprintf("bytes 100-199/%d", len(s.logo)) {
		s.Errorf("part of the picture: %d %s, %d bytes", part.StatusCode, part.Header.Get("Content-Range"), len(body))
	}
	if head, _ := s.do("HEAD", "/logo.png", ""); head.StatusCode != 200 || head.Header.Get("Content-Type") != "image/png" || head.Header.Get("Last-Modified") != res.Header.Get("Last-Modified") {
		s.Errorf("HEAD of the picture: %d %v", head.StatusCode, head.Header)
	}
	tagged, _ := s.do("GET", "/items/1", "")
	if again, body := s.do("GET", "/items/1", "", "If-None-Match", tagged.Header.Get("Etag")); again.StatusCode != 304 || body != "" || again.Header.Get("Etag") != tagged.Header.Get("Etag") {
		s.Errorf("tagged %s: then %d %q", tagged.Header.Get("Etag"), again.StatusCode, body)
	}
}

func (s *website) redirects() {
	for path, want := range map[string]string{
		// Behind a stage in the path this leads astray, as on AWS.
		"/old":  "301 /items/1",
		"/away": "302 https://example.com/a?b=c&d=%C3%A9",
	} {
		res, _ := s.do("GET", path, "")
		if got := fmt.Sprint(res.StatusCode, " ", res.Header.Get("Location")); got != want {
			s.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// login follows a redirect with the cookies that came with it.
func (s *website) login() {
	res, body := s.do("GET", "/me", "")
	if got, want := s.shown(res, body), "401 "+jsonType+` {"error":"log in first"}`; got != want {
		s.Errorf("before the login: %s, want %s", got, want)
	}
	res, _ = s.do("POST", "/login", "user=ann", "Content-Type", formType)
	if got, want := res.Header.Values("Set-Cookie"), []string{"user=ann; Path=/", "theme=dark; Path=/; HttpOnly"}; res.StatusCode != 303 || !slices.Equal(got, want) {
		s.Errorf("login: %d with %q, want 303 with %q", res.StatusCode, got, want)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	browser := *s
	browser.client = s.p.HTTP()
	browser.client.Jar, browser.client.CheckRedirect = jar, nil
	for _, tc := range []struct{ method, path, want string }{
		{"POST", "/login", `{"from":"login","theme":"dark","user":"ann"}`},
		{"GET", "/me?from=memory", `{"from":"memory","theme":"dark","user":"ann"}`},
	} {
		res, body := browser.do(tc.method, tc.path, "user=ann", "Content-Type", formType)
		if got, want := s.shown(res, body), "200 "+jsonType+" "+tc.want; got != want {
			s.Errorf("%s %s: %s, want %s", tc.method, tc.path, got, want)
		}
	}
}

func (s *website) compression() {
	want := strings.Repeat("<p>some text</p>\n", 500)
	if res, body := s.do("GET", "/page", "", "Accept-Encoding", "identity"); body != want || res.Header.Get("Content-Encoding") != "" {
		s.Errorf("page: %d bytes, %s", len(body), res.Header.Get("Content-Encoding"))
	}
	res, body := s.do("GET", "/page", "", "Accept-Encoding", "gzip, br")
	zr, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		s.Fatalf("page: %v in %d %v", err, res.StatusCode, res.Header)
	}
	if text, err := io.ReadAll(zr); string(text) != want || err != nil || res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Vary") != "Accept-Encoding" || len(body) > len(want)/10 {
		s.Errorf("page in %d bytes: %d bytes, %v, %v", len(body), len(text), err, res.Header)
	}
}

func (s *website) errors() {
	if res, body := s.do("GET", "/nowhere", ""); res.StatusCode != 404 || !strings.Contains(body, s.framework.missing) {
		s.Errorf("nowhere: %d %s", res.StatusCode, body)
	}
	if res, body := s.do("GET", "/fail", ""); res.StatusCode != 500 || strings.Contains(body, `"message"`) {
		s.Errorf("an exception that the framework caught: %d %s", res.StatusCode, body)
	}
	res, body := s.do("GET", "/crash", "")
	if got := s.shown(res, body); got != s.front.crashed {
		s.Errorf("an exception that nobody caught: %s, want %s", got, s.front.crashed)
	}
	if res, body := s.do("GET", "/", ""); res.StatusCode != 200 {
		s.Errorf("after a crash: %d %s", res.StatusCode, body)
	}
}

// options asks across origins: without CORS of the API's own the framework answers,
// with it the API does.
func (s *website) options() {
	preflight := func() (*http.Response, string) {
		return s.do("OPTIONS", "/items/1", "", "Origin", "https://web.example", "Access-Control-Request-Method", "GET")
	}
	if res, body := preflight(); res.StatusCode != 204 || res.Header.Get("Allow") != "GET, OPTIONS" || res.Header.Get("Access-Control-Allow-Origin") != "https://app.example" || body != "" {
		s.Errorf("preflight without CORS: %d %v %q", res.StatusCode, res.Header, body)
	}
	if strings.HasPrefix(s.front.name, "REST") {
		return
	}
	if _, err := s.p.APIGatewayV2().UpdateApi(s.Context(), &apigatewayv2.UpdateApiInput{ApiId: &s.id, CorsConfiguration: &v2types.Cors{
		AllowOrigins: []string{"https://web.example"}, AllowMethods: []string{"GET"}, AllowCredentials: aws.Bool(true)}}); err != nil {
		s.Fatal(err)
	}
	if res, _ := preflight(); res.StatusCode != 204 || res.Header.Get("Allow") != "" || res.Header.Get("Access-Control-Allow-Origin") != "https://web.example" || res.Header.Get("Access-Control-Allow-Methods") != "GET" {
		s.Errorf("preflight: %d %v", res.StatusCode, res.Header)
	}
	for origin, want := range map[string][]string{
		"https://web.example": {"https://web.example"},
		"https://app.example": nil, // what the framework says does not count any more
	} {
		if res, _ := s.do("GET", "/items/1", "", "Origin", origin); res.StatusCode != 200 || !slices.Equal(res.Header.Values("Access-Control-Allow-Origin"), want) {
			s.Errorf("request from %s: %d %v", origin, res.StatusCode, res.Header)
		}
	}
	if res, _ := s.do("OPTIONS", "/items/1", ""); res.StatusCode != 204 || res.Header.Get("Allow") != "GET, OPTIONS" {
		s.Errorf("OPTIONS without an origin: %d %v", res.StatusCode, res.Header)
	}
}
