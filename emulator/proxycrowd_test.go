package emulator_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator/emulatortest"
)

// TestProxyCrowd has many clients send bodies of all sizes through an API to a backend that
// sends them back in all the ways in which HTTP/1 can, and judges every answer.
func TestProxyCrowd(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		switch r.Header.Get("X-Way") {
		case "length":
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		case "pieces":
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			half := len(body) / 2
			_, _ = w.Write(body[:half])
			_ = http.NewResponseController(w).Flush()
			body = body[half:]
		case "chunked":
			_ = http.NewResponseController(w).Flush()
		case "close":
			w.Header().Set("Connection", "close")
		}
		_, _ = w.Write(body)
	}))
	defer backend.Close()
	p := emulatortest.Start(t)
	api, err := p.APIGatewayV2().CreateApi(t.Context(), &apigatewayv2.CreateApiInput{
		Name: aws.String("crowd"), ProtocolType: v2types.ProtocolTypeHttp, Target: aws.String(backend.URL)})
	if err != nil {
		t.Fatal(err)
	}
	ways := []string{"length", "pieces", "chunked", "close"}
	sizes := []int{0, 1, 1000, 4000, 4096, 5000, 8192, 20_000, 70_000, 300_000}
	var wg sync.WaitGroup
	for client := range 24 {
		wg.Go(func() {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			random := rand.New(rand.NewPCG(1, uint64(client)))
			for i := range 40 {
				way, body := ways[random.IntN(len(ways))], make([]byte, sizes[random.IntN(len(sizes))])
				for j := range body {
					body[j] = byte('a' + (i+client+j)%23)
				}
				what := fmt.Sprintf("client %d, request %d: %d bytes by %s", client, i, len(body), way)
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL()+"/", bytes.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				req.Host = *api.ApiId + ".execute-api.localhost"
				req.Header.Set("X-Way", way)
				res, err := transport.RoundTrip(req)
				if err != nil {
					t.Errorf("%s: %v", what, err)
					return
				}
				got, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if err != nil || res.StatusCode != http.StatusOK || !bytes.Equal(got, body) {
					t.Errorf("%s: %s, %d bytes came back: %v", what, res.Status, len(got), err)
				}
			}
		})
	}
	wg.Wait()
}
