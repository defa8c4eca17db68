package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/lambdatest"
)

func TestCodeFromS3(t *testing.T) {
	zip := lambdatest.Zip(t, "app.py", "x")
	s := lambdatest.NewService(t, &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}}, lambda.Config{
		FetchObject: func(_ context.Context, o lambda.Object) ([]byte, error) {
			switch {
			case o.Bucket == "down":
				return nil, errors.New("connection refused")
			case o.Bucket == "large":
				return nil, fmt.Errorf("s3://large/k: %w", lambda.ErrObjectTooLarge)
			case o != lambda.Object{Scope: lambdatest.Scope, Bucket: "bucket", Key: "code.zip", Version: "v1"}:
				return nil, &lambda.ObjectError{Code: "NoSuchKey", Message: "The specified key does not exist."}
			}
			return zip, nil
		},
	})
	in := newFunction(t, "fn", "app.h")
	for _, tc := range []struct {
		source lambda.Source
		want   string
	}{
		{lambda.Source{Bucket: "bucket", Key: "none"}, "InvalidParameterValueException: Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."},
		{lambda.Source{Bucket: "down", Key: "k"}, "read code from s3://down/k: connection refused"},
		{lambda.Source{Bucket: "large", Key: "k"}, "InvalidParameterValueException: Unzipped size must be smaller than 262144000 bytes"},
		{lambda.Source{Bucket: "bucket"}, "InvalidParameterValueException: S3 Bucket and Key are required for uploading with S3 parameters."},
	} {
		in.Source = tc.source
		_, err := s.CreateFunction(t.Context(), lambdatest.Scope, in)
		wantError(t, err, tc.want)
	}
	in.Source = lambda.Source{Bucket: "bucket", Key: "code.zip", ObjectVersion: "v1"}
	create(t, s, in)
	if v := settled(t, s, "fn"); v.Code.Size != int64(len(zip)) {
		t.Errorf("got %+v", v.Code)
	}
}

func TestHotReload(t *testing.T) {
	s := lambdatest.NewService(t, &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{
		"app.h": func(e lambdatest.Event) ([]byte, error) { return []byte(`"` + e.Spec.CodeDir + `"`), nil },
	}}, lambda.Config{})
	in := newFunction(t, "fn", "app.h")
	in.Source = lambda.Source{Bucket: lambda.HotReloadBucket, Key: "relative"}
	_, err := s.CreateFunction(t.Context(), lambdatest.Scope, in)
	wantError(t, err, "InvalidParameterValueException: The key of the hot-reload bucket must be an absolute path.")
	in.Source.Key = "/src/app"
	create(t, s, in)
	if got := invoke(t, s, "fn"); got != `"/src/app"` {
		t.Errorf("got %s", got)
	}
}

func TestZipLimits(t *testing.T) {
	s := lambdatest.NewService(t, &lambdatest.Executor{}, lambda.Config{})
	in := newFunction(t, "fn", "app.h")
	for _, tc := range []struct {
		zip  []byte
		want string
	}{
		{make([]byte, lambda.MaxZip+1), "RequestEntityTooLargeException: Zipped size must be smaller than 52428800 bytes"},
		{make([]byte, 100), "InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again."},
		{[]byte{}, "InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again."},
		{lambdatest.Zip(t, "../app.py", "x"), "InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again."},
	} {
		in.Source.Zip = tc.zip
		_, err := s.CreateFunction(t.Context(), lambdatest.Scope, in)
		wantError(t, err, tc.want)
	}
	if list := s.ListFunctions(lambdatest.Scope, true); len(list) != 0 {
		t.Errorf("left behind: %+v", list)
	}
}
