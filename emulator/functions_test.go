package emulator_test

// The Go functions of the tests lie under testdata, where go mod tidy does not look:
// what they stand on is required here.
import (
	_ "github.com/aws/aws-lambda-go/events"
	_ "github.com/aws/aws-lambda-go/lambda"
)
