package emulator

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"github.com/postern/postern/lambda"
)

// maxObject bounds an object that is read from S3: Lambda's largest code.
const maxObject = 262144000

// emptySHA256 is the hash of a request without a body.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// fetchObject reads an object from the upstream for S3. The error is a
// *lambda.ObjectError for what S3 said and lambda.ErrObjectTooLarge for one larger
// than maxObject; without an upstream no bucket exists.
func (e *Emulator) fetchObject(ctx context.Context, o lambda.Object) ([]byte, error) {
	base, ok := e.upstreams.Base("s3")
	if !ok {
		e.log.WarnContext(ctx, "code in S3 is read from its upstream, and there is none: start postern with --upstream s3=http://HOST:PORT", "bucket", o.Bucket)
		return nil, &lambda.ObjectError{Code: "NoSuchBucket", Message: "The specified bucket does not exist"}
	}
	u := base.JoinPath(o.Bucket, "/")
	// A key is no path: its slashes and dots stay as they are.
	u.RawPath = u.EscapedPath() + httpbinding.EscapePath(o.Key, false)
	u.Path += o.Key
	if o.Version != "" {
		u.RawQuery = url.Values{"versionId": {o.Version}}.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", o.Bucket, o.Key, err)
	}
	req.Header.Set("X-Amz-Content-Sha256", emptySHA256)
	creds := aws.Credentials{AccessKeyID: o.Scope.Account, SecretAccessKey: wellKnownSecret}
	signer := v4.NewSigner(func(so *v4.SignerOptions) { so.DisableURIPathEscaping = true }) // S3 signs the path as it is sent
	if err := signer.SignHTTP(ctx, creds, req, emptySHA256, "s3", o.Scope.Region, e.clock.Now()); err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", o.Bucket, o.Key, err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s from the upstream %s: %w", o.Bucket, o.Key, base, err)
	}
	defer res.Body.Close()
	if res.ContentLength > maxObject {
		return nil, lambda.ErrObjectTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxObject+1))
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s from the upstream %s: %w", o.Bucket, o.Key, base, err)
	}
	if len(body) > maxObject {
		return nil, lambda.ErrObjectTooLarge
	}
	if res.StatusCode != http.StatusOK {
		return nil, objectError(res.StatusCode, body)
	}
	return body, nil
}

// objectError reads S3's error document; an answer without one keeps its status.
func objectError(status int, body []byte) error {
	var doc struct{ Code, Message string }
	if err := xml.Unmarshal(body, &doc); err != nil || doc.Code == "" {
		return &lambda.ObjectError{Code: strings.ReplaceAll(http.StatusText(status), " ", ""), Message: http.StatusText(status)}
	}
	return &lambda.ObjectError{Code: doc.Code, Message: doc.Message}
}
