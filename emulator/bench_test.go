package emulator_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator/emulatortest"
)

// BenchmarkHTTPAPIProxy is a whole exchange over sockets: client, Postern, backend.
// scripts/bench measures the same with processes apart.
func BenchmarkHTTPAPIProxy(b *testing.B) {
	payload := strings.Repeat("0123456789abcdef", 64)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, payload) }))
	defer backend.Close()
	p := emulatortest.Start(b)
	api, err := p.APIGatewayV2().CreateApi(b.Context(), &apigatewayv2.CreateApiInput{
		Name: aws.String("bench"), ProtocolType: v2types.ProtocolTypeHttp, Target: aws.String(backend.URL)})
	if err != nil {
		b.Fatal(err)
	}
	exchangeLoop(b, p, *api.ApiId+".execute-api.localhost", "/bench")
}

// exchangeLoop sends one request after another on one connection per goroutine.
func exchangeLoop(b *testing.B, p *emulatortest.Postern, host, path string) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.URL(), "http://"))
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		br := bufio.NewReader(c)
		req := "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: bench\r\n\r\n"
		for pb.Next() {
			if _, err := io.WriteString(c, req); err != nil {
				b.Error(err)
				return
			}
			res, err := http.ReadResponse(br, nil)
			if err != nil {
				b.Error(err)
				return
			}
			if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
				b.Errorf("%s: %v", res.Status, err)
				return
			}
		}
	})
}
