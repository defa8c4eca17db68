package emulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/emulator/frontdoor"
	"github.com/postern/postern/runtime/sigv4"
)

// signingNames are the services whose scope name is not their own.
var signingNames = map[string]string{
	"apigatewayv2": "apigateway", "apigatewaymanagementapi": "execute-api", "cloudwatch": "monitoring",
}

// maxSigned bounds the body that is read to check its hash: Lambda's largest request.
const maxSigned = 70167211

// verify checks the signature of a management call (--verify-signatures).
func (e *Emulator) verify(r *http.Request, t *frontdoor.Target) *awsapi.Error {
	sig, bad := sigv4.Parse(r.Header, r.URL.RawQuery)
	if bad != nil {
		return refusal(bad)
	}
	cred, ok := e.services.keys.lookup(sig.AccessKeyID)
	if !ok {
		return refusal(&sigv4.Error{Type: "UnrecognizedClientException", Message: "The security token included in the request is invalid."})
	}
	service := t.Service
	if name, ok := signingNames[service]; ok {
		service = name
	}
	bad = sig.Verify(sigv4.Request{
		Method: r.Method, Host: r.Host, Path: frontdoor.FromHTTP(r).Path, Query: r.URL.RawQuery, Header: r.Header, Length: r.ContentLength,
		BodyHash: func() (string, error) { return hashBody(r) },
	}, sigv4.Key{Secret: cred.SecretAccessKey, Token: cred.SessionToken, Expires: cred.Expires}, sigv4.Scope{Service: service}, e.clock.Now())
	if bad != nil {
		return refusal(bad)
	}
	return nil
}

// hashBody reads the body, keeps it for the service, and gives its SHA-256.
func hashBody(r *http.Request) (string, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxSigned+1))
	if err != nil {
		return "", err
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

func refusal(e *sigv4.Error) *awsapi.Error {
	return &awsapi.Error{Code: e.Type, Message: e.Message, Status: http.StatusForbidden}
}
