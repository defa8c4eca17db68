// Command chi is the site of TestFramework as a net/http handler with chi's router,
// behind AWS's adapter for Go frameworks.
package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

func main() { lambda.Start(handler(site())) }

// handler takes events of both payload formats.
func handler(site http.Handler) func(context.Context, json.RawMessage) (any, error) {
	v1, v2 := httpadapter.New(site), httpadapter.NewV2(site)
	return func(ctx context.Context, payload json.RawMessage) (any, error) {
		var format struct{ Version string }
		if err := json.Unmarshal(payload, &format); err != nil {
			return nil, err
		}
		if format.Version == "2.0" {
			return proxy(ctx, payload, v2.ProxyWithContext)
		}
		return proxy(ctx, payload, v1.ProxyWithContext)
	}
}

func proxy[In, Out any](ctx context.Context, payload json.RawMessage, serve func(context.Context, In) (Out, error)) (any, error) {
	var in In
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, err
	}
	return serve(ctx, in)
}
