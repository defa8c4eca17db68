package emulator_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// posted is the answer to a POST; header is "Name: value" lines.
func (a *restAPI) posted(address string, body []byte, header ...string) (int, string, http.Header) {
	a.Helper()
	req, err := http.NewRequestWithContext(a.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		a.Fatal(err)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	res, err := p0(a).Do(req)
	if err != nil {
		a.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		a.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header
}

// p0 is a client that leaves codings as they come.
func p0(a *restAPI) *http.Client {
	c := *a.p.HTTP()
	t := c.Transport.(*http.Transport).Clone()
	t.DisableCompression = true
	c.Transport = t
	a.Cleanup(t.CloseIdleConnections)
	return &c
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What becomes of bytes and text between client and backend, as AWS's recorded tables
// have it.
func TestRESTContentHandling(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	l := newListener(t)
	raw := gzipped(t, "compressed data, no valid UTF-8")
	encoded := base64.StdEncoding.EncodeToString(raw)
	damaged := string([]rune(string(raw))) // every byte that is no UTF-8 by itself
	handled := func(request, response string) string {
		of := func(h string) string {
			if h == "" {
				return ""
			}
			return `"contentHandling":"` + h + `",`
		}
		return method(`{"type":"http","httpMethod":"POST","uri":"` + l.URL + `",` + of(request) + `"passthroughBehavior":"when_no_match","responses":{"default":{` + of(response) + `"statusCode":"200"}}}`)
	}
	const toText, toBinary = "CONVERT_TO_TEXT", "CONVERT_TO_BINARY"
	template := `"requestTemplates":{"image/png":"$input.body","text/plain":"$input.body"},`
	a, address := importAPI(t, p, `"x-amazon-apigateway-binary-media-types":["image/png"],"paths":{
		"/none":{"post":`+handled("", "")+`},"/text":{"post":`+handled(toText, toText)+`},"/binary":{"post":`+handled(toBinary, toBinary)+`},
		"/template":{"post":`+strings.Replace(handled("", ""), `"type":"http",`, `"type":"http",`+template, 1)+`},
		"/response-template":{"post":`+strings.Replace(handled("", ""), `"statusCode":"200"`, `"statusCode":"200","responseTemplates":{"application/json":"$input.body"}`, 1)+`}}`)

	for _, tc := range []struct {
		path, contentType, body string
		status                  int
		sent                    string
	}{
		{"/none", "text/plain", "text", 200, "text"},
		{"/none", "text/plain", string(raw), 200, damaged},
		{"/text", "text/plain", string(raw), 200, damaged},
		{"/binary", "text/plain", encoded, 200, string(raw)},
		{"/binary", "text/plain", "not base64!", 500, ""},
		{"/none", "image/png", string(raw), 200, string(raw)},
		{"/binary", "image/png", string(raw), 200, string(raw)},
		{"/text", "image/png", string(raw), 200, encoded},
		{"/template", "image/png", string(raw), 500, ""},
		{"/template", "text/plain", "text", 200, "text"},
	} {
		l.body = ""
		status, body, _ := a.posted(address+tc.path, []byte(tc.body), "Content-Type: "+tc.contentType)
		if status != tc.status || l.body != tc.sent || status == 500 && body != `{"message": "Internal server error"}` {
			t.Errorf("%s with %s %.12q: got %d, the backend %.40q, want %.40q", tc.path, tc.contentType, tc.body, status, l.body, tc.sent)
		}
	}
	for _, tc := range []struct {
		path, contentType, accept, backend string
		status                             int
		got                                string
	}{
		{"/none", "text/plain", "text/plain", string(raw), 200, damaged},
		{"/none", "text/plain", "image/png", encoded, 200, string(raw)},
		{"/none", "text/plain", "image/png", "not base64!", 500, ""},
		{"/none", "image/png", "text/plain", string(raw), 200, encoded},
		{"/none", "image/png", "image/png", string(raw), 200, string(raw)},
		{"/none", "image/png", "image/*", string(raw), 200, encoded},
		{"/none", "image/png", "image/png,image/*", string(raw), 200, string(raw)},
		{"/none", "image/png", "text/plain,image/png", string(raw), 200, encoded},
		{"/text", "text/plain", "image/png", string(raw), 200, damaged},
		{"/text", "image/png", "image/png", string(raw), 200, encoded},
		{"/binary", "text/plain", "text/plain", encoded, 200, string(raw)},
		{"/binary", "text/plain", "text/plain", "not base64!", 500, ""},
		{"/binary", "image/png", "text/plain", string(raw), 200, string(raw)},
		{"/response-template", "image/png", "image/png", string(raw), 500, ""},
		{"/response-template", "text/plain", "image/png", "text", 200, "text"},
	} {
		l.answer = func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", tc.contentType)
			fmt.Fprint(w, tc.backend)
		}
		body := []byte("eA==")
		status, got, _ := a.posted(address+tc.path, body, "Content-Type: text/plain", "Accept: "+tc.accept)
		if status != tc.status || status == 200 && got != tc.got {
			t.Errorf("%s %s for %s, %.12q: got %d %.40q, want %.40q", tc.path, tc.contentType, tc.accept, tc.backend, status, got, tc.got)
		}
	}
}

// A body without a template for its type goes on as it is, or is refused.
func TestRESTPassthrough(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	l := newListener(t)
	paths := []string{}
	for _, behavior := range []string{"when_no_match", "when_no_templates", "never"} {
		for name, templates := range map[string]string{"none": "", "some": `"requestTemplates":{"application/json":"template"},`, "default": `"requestTemplates":{"$default":"default"},`} {
			paths = append(paths, `"/`+behavior+`/`+name+`":{"post":`+method(`{"type":"http","httpMethod":"POST","uri":"`+l.URL+`",`+templates+`"passthroughBehavior":"`+behavior+`","responses":{"default":{"statusCode":"200"}}}`)+`}`)
		}
	}
	a, address := importAPI(t, p, `"paths":{`+strings.Join(paths, ",")+`}`)
	const refused = `{"message":"Unsupported Media Type"}`
	for path, want := range map[string]string{ // JSON, then XML
		"/when_no_match/none": "body body", "/when_no_match/some": "template body", "/when_no_match/default": "default default",
		"/when_no_templates/none": "body body", "/when_no_templates/some": "template 415", "/when_no_templates/default": "default default",
		"/never/none": "415 415", "/never/some": "template 415", "/never/default": "default default",
	} {
		var got []string
		for _, contentType := range []string{"application/json; charset=utf-8", "application/xml"} {
			status, body, h := a.posted(address+path, []byte("body"), "Content-Type: "+contentType)
			switch {
			case status == 200:
				got = append(got, l.body)
			case body == refused && h.Get("x-amzn-ErrorType") == "BadRequestException":
				got = append(got, fmt.Sprint(status))
			default:
				got = append(got, body)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestRESTCompression(t *testing.T) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Strict = true })
	l := newListener(t)
	text := strings.Repeat("pets ", 100)
	l.answer = func(w http.ResponseWriter) { fmt.Fprint(w, text) }
	a, address := importAPI(t, p, `"x-amazon-apigateway-minimum-compression-size":100,"paths":{"/":{"post":`+method(`{"type":"http_proxy","httpMethod":"POST","uri":"`+l.URL+`"}`)+`}}`)
	for accept, coding := range map[string]string{"gzip": "gzip", "deflate;q=0.5, gzip;q=0.1": "deflate", "*": "gzip", "identity": "", "br": "", "": ""} {
		status, body, h := a.posted(address, nil, "Accept-Encoding: "+accept)
		var r io.Reader = strings.NewReader(body)
		var err error
		switch coding {
		case "gzip":
			r, err = gzip.NewReader(r)
		case "deflate":
			r, err = zlib.NewReader(r)
		}
		if err != nil || status != 200 || h.Get("Content-Encoding") != coding {
			t.Errorf("%q: got %d %q, %v", accept, status, h.Get("Content-Encoding"), err)
			continue
		}
		if plain, err := io.ReadAll(r); err != nil || string(plain) != text {
			t.Errorf("%q: got %.20q, %v", accept, plain, err)
		}
	}
	for coding, want := range map[string]struct {
		body   string
		status int
		sent   string
	}{
		"gzip":     {string(gzipped(t, text)), 200, text},
		"identity": {text, 200, text},
		"br":       {text, 415, ""},
		"deflate":  {"not that", 400, ""},
	} {
		l.body = ""
		status, _, _ := a.posted(address, []byte(want.body), "Content-Encoding: "+coding, "Content-Type: text/plain")
		if status != want.status || l.body != want.sent || l.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: got %d, the backend %.20q %s", coding, status, l.body, l.header.Get("Content-Encoding"))
		}
	}
}

// What a template or a client sends a function has to be JSON; if it is none, the client
// is told what the Lambda service says of it.
func TestRESTPayloadIsNoJSON(t *testing.T) {
	p := emulatortest.Start(t)
	arn := createFunction(t, p, "echo", "python3.11", "index.handler", map[string]string{"index.py": "def handler(event, context):\n    return event\n"})
	_, err := p.Lambda().AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: aws.String("echo"), StatementId: aws.String("gw"),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com")})
	if err != nil {
		t.Fatal(err)
	}
	a, address := importAPI(t, p, `"paths":{"/":{"post":`+method(`{"type":"aws","httpMethod":"POST","passthroughBehavior":"when_no_match",
		"uri":"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/`+arn+`/invocations","responses":{"default":{"statusCode":"200"}}}`)+`}}`)
	status, body, h := a.posted(address+"/", []byte(`{"a":`))
	if status != 400 || !strings.HasPrefix(body, `{"message":"Could not parse request body into json: `) || h.Get("x-amzn-ErrorType") != "BadRequestException" {
		t.Errorf("got %d %s %v", status, body, h)
	}
}
