package lambda_test

import (
	"testing"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/lambdatest"
)

// BenchmarkInvoke is what the service and the pool add to a function that answers at once.
func BenchmarkInvoke(b *testing.B) {
	x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": func(e lambdatest.Event) ([]byte, error) { return e.Payload, nil }}}
	s := lambdatest.NewService(b, x, lambda.Config{})
	create(b, s, newFunction(b, "fn", "app.h"))
	if _, err := s.AddPermission(b.Context(), ref("fn"), lambda.Permission{
		Sid: "s", Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com", SourceARN: "arn:aws:execute-api:us-east-1:000000000000:abc/*/*",
	}); err != nil {
		b.Fatal(err)
	}
	in := lambda.InvokeRequest{Scope: lambdatest.Scope, Function: arn + "fn", Payload: []byte(`{"version":"2.0"}`), Caller: lambda.Caller{
		Service: "apigateway.amazonaws.com", SourceAccount: "000000000000", SourceARN: "arn:aws:execute-api:us-east-1:000000000000:abc/prod/GET/items",
	}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Invoke(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}
