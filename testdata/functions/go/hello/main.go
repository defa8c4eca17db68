// Command hello is the getting-started function in Go.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		fmt.Println("answering")
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: `"Hello from Lambda!"`}, nil
	})
}
