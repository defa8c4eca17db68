package emulator_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	v1types "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// TestAccountLimit has a REST API and an HTTP API of one account use up its limit
// together.
func TestAccountLimit(t *testing.T) {
	var later atomic.Int64
	noon := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	p := emulatortest.Start(t, func(c *emulator.Config) {
		c.AccountRate, c.AccountBurst, c.Now = 1, 3, func() time.Time { return noon.Add(time.Duration(later.Load())) }
	})
	account, err := p.APIGateway().GetAccount(t.Context(), &apigateway.GetAccountInput{})
	if err != nil || account.ThrottleSettings.RateLimit != 1 || account.ThrottleSettings.BurstLimit != 3 {
		t.Errorf("the account shows %+v, %v", account, err)
	}
	backend := echoServer(t)
	rest := newRestAPI(t, p, "")
	rest.integrate(apigateway.PutIntegrationInput{Type: v1types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), Uri: &backend})
	restURL := rest.deploy()
	id := integrate(t, p, &apigatewayv2.CreateIntegrationInput{IntegrationType: v2types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("GET"), IntegrationUri: &backend})
	httpURL := "http://" + id + ".execute-api.us-east-1.localhost/"
	get := func(url string) int {
		t.Helper()
		status, _, _ := call(t, p, url, nil)
		return status
	}
	for i, want := range []int{http.StatusOK, http.StatusOK, http.StatusOK, http.StatusTooManyRequests, http.StatusTooManyRequests} {
		if got := get([]string{restURL, httpURL}[i%2]); got != want {
			t.Errorf("request %d: got %d, want %d", i+1, got, want)
		}
	}
	if later.Store(int64(time.Second)); get(httpURL) != http.StatusOK || get(restURL) != http.StatusTooManyRequests {
		t.Error("a second later it is not one request that passes")
	}
}
