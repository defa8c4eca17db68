package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func (s *suite) build(postern bool) error {
	type binary struct {
		env []string
		out string
		pkg string
	}
	binaries := []binary{{[]string{"CGO_ENABLED=0"}, s.goFunc, "./testdata/functions/go/hello"}}
	if postern {
		binaries = append(binaries, binary{nil, s.postern, "./cmd/postern"})
	}
	for _, b := range binaries {
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.out, b.pkg)
		cmd.Env = append(os.Environ(), b.env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", b.pkg, err, out)
		}
	}
	return nil
}

// gateway is a running Postern and clients for it.
type gateway struct {
	*server
	addr   string
	v1     *apigateway.Client
	v2     *apigatewayv2.Client
	logs   *cloudwatchlogs.Client
	lambda *lambda.Client
}

func (s *suite) gateway(args ...string) (*gateway, error) {
	srv, line, err := start(nil, "http://", s.postern, append([]string{"start", "--listen", "127.0.0.1:0", "--log-level", "error"}, args...)...)
	if err != nil {
		return nil, err
	}
	addr := strings.FieldsFunc(line, func(r rune) bool { return r != ':' && r != '.' && (r < '0' || r > '9') })[0]
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String("http://" + addr),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})}
	return &gateway{srv, addr, apigateway.NewFromConfig(cfg), apigatewayv2.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), lambda.NewFromConfig(cfg)}, nil
}

// function creates a function from files and waits until it is active.
func (g *gateway) function(name, runtime, handler string, files map[string]string) (string, error) {
	ctx := context.Background()
	code, err := zipped(files)
	if err != nil {
		return "", err
	}
	out, err := g.lambda.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: aws.String(name), Runtime: lambdatypes.Runtime(runtime), Handler: aws.String(handler),
		Role: aws.String("arn:aws:iam::000000000000:role/bench"), Code: &lambdatypes.FunctionCode{ZipFile: code}, MemorySize: aws.Int32(512)})
	if err != nil {
		return "", err
	}
	err = lambda.NewFunctionActiveV2Waiter(g.lambda, func(o *lambda.FunctionActiveV2WaiterOptions) { o.MinDelay = 10 * time.Millisecond }).
		Wait(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(name)}, time.Minute)
	return *out.FunctionArn, err
}

func zipped(files map[string]string) ([]byte, error) {
	var b bytes.Buffer
	zw := zip.NewWriter(&b)
	for name, path := range files {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		h.SetMode(0o755)
		w, err := zw.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(w, f)
		_ = f.Close()
		if err != nil {
			return nil, err
		}
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
