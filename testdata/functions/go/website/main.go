// Command website is a small web site behind an HTTP API: an ordinary net/http handler,
// with an adapter from the events of HTTP APIs in front of it.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(adapt(site())) }

// pixel is a picture: bytes that are no text.
var pixel = []byte{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0xff, 0xfe}

func site() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<h1>home</h1>")
	})
	m.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "user", Value: r.PostFormValue("user"), Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark", Path: "/", HttpOnly: true})
		http.Redirect(w, r, "/me?from=login", http.StatusSeeOther)
	})
	m.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		user, err := r.Cookie("user")
		theme, missing := r.Cookie("theme")
		if err != nil || missing != nil {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "%s likes %s, came from %s", user.Value, theme.Value, r.FormValue("from"))
	})
	m.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %q %s", r.PathValue("id"), r.URL.Query()["tag"], r.Host)
	})
	m.HandleFunc("GET /pixel.png", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(pixel)
	})
	m.HandleFunc("PUT /files/{name...}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		sum := sha256.Sum256(body)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "%s %d %s", r.PathValue("name"), len(body), hex.EncodeToString(sum[:]))
	})
	return m
}

// adapt lets a handler answer events of format 2.0.
func adapt(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return func(ctx context.Context, ev events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		req, err := request(ctx, &ev)
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return response(w.Result(), w.Body.Bytes()), nil
	}
}

func request(ctx context.Context, ev *events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	var body io.Reader = strings.NewReader(ev.Body)
	if ev.IsBase64Encoded {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	u := url.URL{Path: ev.RawPath, RawQuery: ev.RawQueryString}
	req, err := http.NewRequestWithContext(ctx, ev.RequestContext.HTTP.Method, u.String(), body)
	if err != nil {
		return nil, err
	}
	for name, value := range ev.Headers {
		req.Header.Set(name, value)
	}
	for _, cookie := range ev.Cookies {
		req.Header.Add("Cookie", cookie)
	}
	req.Host, req.RequestURI = ev.RequestContext.DomainName, u.String()
	return req, nil
}

func response(res *http.Response, body []byte) events.APIGatewayV2HTTPResponse {
	out := events.APIGatewayV2HTTPResponse{StatusCode: res.StatusCode, Headers: map[string]string{}, Cookies: res.Header.Values("Set-Cookie")}
	for name, values := range res.Header {
		if name != "Set-Cookie" {
			out.Headers[name] = strings.Join(values, ",")
		}
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/") || len(body) == 0 {
		out.Body = string(body)
	} else {
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return out
}
