package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// A key of S3 is no path: what it begins with, holds twice or climbs with is part of it.
func TestCodeInS3(t *testing.T) {
	objects := map[string]bool{
		"/code/plain.zip": true, "/code//slash.zip": true, "/code/a//b/../c.zip": true, "/code/a%20b%2Bc%3D%25d.zip": true, "/code/dir/x.zip": true,
	}
	code := bootstrapZip(t)
	s3 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.EscapedPath(); {
		case path == "/code/large.zip":
			w.Header().Set("Content-Length", "262144001")
		case objects[path]:
			_, _ = w.Write(code)
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code><Message>`+path+`</Message></Error>`)
		}
	}))
	t.Cleanup(s3.Close)
	p := emulatortest.Start(t, func(c *emulator.Config) { c.Upstreams = map[string]string{"s3": s3.URL} })
	for _, tc := range []struct{ key, want string }{
		{"plain.zip", ""}, {"/slash.zip", ""}, {"a//b/../c.zip", ""}, {"a b+c=%d.zip", ""}, {"dir/x.zip", ""},
		{"none.zip", "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: /code/none.zip"},
		{"large.zip", "Unzipped size must be smaller than 262144000 bytes"},
	} {
		_, err := p.Lambda().PublishLayerVersion(t.Context(), &lambda.PublishLayerVersionInput{
			LayerName: aws.String("layer"), Content: &types.LayerVersionContentInput{S3Bucket: aws.String("code"), S3Key: &tc.key},
		})
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%q: %v, want %q", tc.key, err, tc.want)
		}
	}
}
