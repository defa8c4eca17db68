package emulator

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/iam"
	"github.com/postern/postern/runtime/integration"
)

// BenchmarkRoleOfServiceCall is what judging a role adds to a call of a service.
func BenchmarkRoleOfServiceCall(b *testing.B) {
	db, err := store.Open("")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	s := iam.New(iam.Config{DB: db, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	const may = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["states:StartExecution"],"Resource":"arn:aws:states:us-east-1:111122223333:stateMachine:m"}]}`
	for _, form := range []url.Values{
		{"Action": {"CreateRole"}, "RoleName": {"r"}, "AssumeRolePolicyDocument": {trust}},
		{"Action": {"PutRolePolicy"}, "RoleName": {"r"}, "PolicyName": {"p"}, "PolicyDocument": {may}},
		{"Action": {"AttachRolePolicy"}, "RoleName": {"r"}, "PolicyArn": {"arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}},
	} {
		form.Set("Version", "2010-05-08")
		r := httptest.NewRequestWithContext(awsapi.WithIdentity(b.Context(), awsapi.Identity{Account: "111122223333", Region: "us-east-1"}), http.MethodPost, "/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		if s.Mux().ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
	judge := &roles{iam: s, signers: &signers{}}
	asked := integration.Permission{Action: "states:StartExecution", Resource: "arn:aws:states:us-east-1:111122223333:stateMachine:m"}
	if judge.denies("arn:aws:iam::111122223333:role/r", integration.Permission{Action: "sqs:SendMessage"}) == nil {
		b.Fatal("the role is not judged")
	}
	b.ReportAllocs()
	for b.Loop() {
		if d := judge.denies("arn:aws:iam::111122223333:role/r", asked); d != nil {
			b.Fatal(d)
		}
	}
}
