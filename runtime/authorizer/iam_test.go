package authorizer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/sigv4"
)

const (
	userARN    = "arn:aws:iam::123456789012:user/me"
	sessionARN = "arn:aws:sts::123456789012:assumed-role/app/s1"
	strangeARN = "arn:aws:iam::210987654321:user/you"
)

func mustParse(t *testing.T, effect, resource string) []*policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(`{"Statement":{"Effect":"` + effect + `","Action":"execute-api:Invoke","Resource":"` + resource + `"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return []*policy.Policy{p}
}

func accessKeys(t *testing.T) KeyLookup {
	keys := map[string]AccessKey{
		"AKIAUSER":    {Key: sigv4.Key{Secret: "secret"}, AccountID: "123456789012", ARN: userARN, UserID: "AIDAME"},
		"ASIASESSION": {Key: sigv4.Key{Secret: "secret", Token: "token", Expires: start.Add(time.Hour)}, AccountID: "123456789012", ARN: sessionARN, UserID: "AROAAPP:s1"},
		"ASIAENDED":   {Key: sigv4.Key{Secret: "secret", Token: "token", Expires: start}, AccountID: "123456789012", ARN: sessionARN, UserID: "AROAAPP:s1"},
		"AKIASTRANGE": {Key: sigv4.Key{Secret: "secret"}, AccountID: "210987654321", ARN: strangeARN, UserID: "AIDAYOU"},
		"AKIALENIENT": {Unverified: true},
		"AKIAMAY":     {Key: sigv4.Key{Secret: "secret"}, AccountID: "123456789012", ARN: userARN, Policies: mustParse(t, "Allow", testAPI+"/prod/GET/pets/*")},
		"AKIAMAYNOT":  {Key: sigv4.Key{Secret: "secret"}, AccountID: "123456789012", ARN: userARN, Policies: mustParse(t, "Allow", testAPI+"/prod/GET/dogs")},
		"AKIADENIED":  {Key: sigv4.Key{Secret: "secret"}, AccountID: "123456789012", ARN: userARN, Policies: mustParse(t, "Deny", "*")},
		"AKIANOTHING": {Key: sigv4.Key{Secret: "secret"}, AccountID: "123456789012", ARN: userARN, Policies: []*policy.Policy{}},
	}
	return func(id string) (AccessKey, bool) {
		k, ok := keys[id]
		return k, ok
	}
}

func sign(t *testing.T, r *http.Request, body, id, secret, token, region, service string, at time.Time) {
	t.Helper()
	sum := sha256.Sum256([]byte(body))
	// The signer looks at what a client has, a URL with a host.
	r.URL.Host = r.Host
	err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}, r, hex.EncodeToString(sum[:]), service, region, at)
	if err != nil {
		t.Fatal(err)
	}
}

func TestIAM(t *testing.T) {
	const (
		invalid  = gwerr.InvalidSignature
		refused  = "User: " + userARN + " is not authorized to perform: execute-api:Invoke on resource: " + masked
		unsigned = "Missing Authentication Token"
	)
	type signature struct {
		id, secret, token, region, service string
		at                                 time.Time
	}
	by := func(id string) signature {
		return signature{id, "secret", "", "us-east-1", "execute-api", start}
	}
	session := by("ASIASESSION")
	session.token = "token"
	ended := by("ASIAENDED")
	ended.token = "token"
	wrong, late, early, region, service := by("AKIAUSER"), by("AKIAUSER"), by("AKIAUSER"), by("AKIAUSER"), by("AKIAUSER")
	wrong.secret, late.at, early.at, region.region, service.service = "other", start.Add(-301*time.Second), start.Add(301*time.Second), "eu-west-1", "s3"
	for _, tc := range []struct {
		name      string
		sign      signature
		header    string // Authorization, in place of a signature
		status    int
		kind      gwerr.Type
		message   string // or its beginning
		errorType string
	}{
		{name: "user", sign: by("AKIAUSER")},
		{name: "session", sign: session},
		{name: "a key that is not verified", sign: by("AKIALENIENT")},
		{name: "allowed by a policy of its own", sign: by("AKIAMAY")},
		{name: "not allowed", sign: by("AKIAMAYNOT"), status: 403, kind: gwerr.AccessDenied, message: refused},
		{name: "no policy", sign: by("AKIANOTHING"), status: 403, kind: gwerr.AccessDenied, message: refused},
		{name: "denied", sign: by("AKIADENIED"), status: 403, kind: gwerr.AccessDenied, message: refused + " with an explicit deny"},
		{name: "another account", sign: by("AKIASTRANGE"), status: 403, kind: gwerr.AccessDenied,
			message: "User: " + strangeARN + " is not authorized to perform: execute-api:Invoke on resource: " + masked},
		{name: "nothing", status: 403, kind: gwerr.MissingAuthenticationToken, message: unsigned, errorType: "MissingAuthenticationTokenException"},
		{name: "a bearer token", header: "Bearer abc", status: 403, kind: gwerr.MissingAuthenticationToken,
			message:   "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.",
			errorType: "IncompleteSignatureException"},
		{name: "missing parts", header: "AWS4-HMAC-SHA256 Signature=x", status: 403, kind: invalid,
			message:   "Authorization header requires 'Credential' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 Signature=x",
			errorType: "IncompleteSignatureException"},
		{name: "unknown key", sign: by("AKIAX"), status: 403, kind: invalid, message: "The security token included in the request is invalid.", errorType: "UnrecognizedClientException"},
		{name: "a session without its token", sign: by("ASIASESSION"), status: 403, kind: invalid, message: "The security token included in the request is invalid.", errorType: "UnrecognizedClientException"},
		{name: "an ended session", sign: ended, status: 403, kind: gwerr.ExpiredToken, message: "The security token included in the request is expired", errorType: "ExpiredTokenException"},
		{name: "wrong secret", sign: wrong, status: 403, kind: invalid, message: "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'GET\n/prod/pets/1\n", errorType: "InvalidSignatureException"},
		{name: "too late", sign: late, status: 403, kind: invalid, message: "Signature expired: 20260115T115459Z is now earlier than 20260115T115500Z (20260115T120000Z - 5 min.)", errorType: "InvalidSignatureException"},
		{name: "too early", sign: early, status: 403, kind: invalid, message: "Signature not yet current: 20260115T120501Z is still later than 20260115T120500Z (20260115T120000Z + 5 min.)", errorType: "InvalidSignatureException"},
		{name: "another region", sign: region, status: 403, kind: invalid, message: "Credential should be scoped to a valid region, not 'eu-west-1'. ", errorType: "InvalidSignatureException"},
		{name: "another service", sign: service, status: 403, kind: invalid, message: "Credential should be scoped to correct service: 'execute-api'. ", errorType: "InvalidSignatureException"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rc, r := testRequest("/pets/1")
			if tc.sign.id != "" {
				sign(t, r, "", tc.sign.id, tc.sign.secret, tc.sign.token, tc.sign.region, tc.sign.service, tc.sign.at)
			} else if tc.header != "" {
				r.Header.Set("Authorization", tc.header)
			}
			iam := &IAM{Keys: accessKeys(t), Now: func() time.Time { return start }}
			err := (&REST{Identity: iam}).Authorize(t.Context(), rc, r)
			if rc.Authorizer.Kind != reqcontext.IAMAuthorizer {
				t.Errorf("noted %+v", rc.Authorizer)
			}
			if tc.status != 0 && err != nil {
				e := gwerr.From(err)
				if strings.HasPrefix(e.Text(), tc.message) && strings.HasPrefix(tc.message, "The request signature") {
					e.Message = tc.message
				}
				if got := e.Header[errorTypeHeader]; tc.errorType != "" && (len(got) != 1 || got[0] != tc.errorType) {
					t.Errorf("error type %v, want %s", got, tc.errorType)
				}
			}
			is(t, err, tc.status, tc.kind, tc.message)
			// HTTP APIs refuse the same with fewer words.
			http := iam.Authorize(t.Context(), rc, r)
			if e := gwerr.From(http); (http == nil) != (err == nil) && tc.name != "another account" {
				t.Errorf("HTTP API: %v, REST API: %v", http, err)
			} else if http != nil && (e.StatusCode() != 403 || e.Header != nil) {
				t.Errorf("HTTP API: %d %v", e.StatusCode(), e.Header)
			}
		})
	}
}

func TestIAMIdentity(t *testing.T) {
	rc, r := testRequest("/pets/1")
	sign(t, r, "", "ASIASESSION", "secret", "token", "us-east-1", "execute-api", start)
	p, err := policy.ParseResource([]byte(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"AWS":"arn:aws:iam::123456789012:role/app"},`+
		`"Condition":{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/app","aws:userid":"AROAAPP:s1","aws:PrincipalType":"AssumedRole","aws:PrincipalAccount":"123456789012"},"Null":{"aws:username":"true"}}}}`), testAPI)
	if err != nil {
		t.Fatal(err)
	}
	g := &REST{Policy: p, Identity: &IAM{Keys: accessKeys(t), Now: func() time.Time { return start }}}
	g.Identity = &judged{g.Identity}
	if err := g.Authorize(t.Context(), rc, r); err != nil {
		t.Fatal(err)
	}
	if got, want := rc.Identity, (reqcontext.Identity{AccessKey: "ASIASESSION", AccountID: "123456789012", Caller: "AROAAPP:s1", User: "AROAAPP:s1", UserARN: sessionARN}); got.AccessKey != want.AccessKey ||
		got.AccountID != want.AccountID || got.Caller != want.Caller || got.User != want.User || got.UserARN != want.UserARN {
		t.Errorf("identity %+v", got)
	}
}

// judged leaves the decision to the resource policy.
type judged struct{ Identity }

func (j *judged) identify(ctx context.Context, rc *reqcontext.Context, r *http.Request, arn string) (verdict, error) {
	v, err := j.Identity.identify(ctx, rc, r, arn)
	v.rule = both
	return v, err
}

// A signed body is checked, and is still there for the integration.
func TestIAMBody(t *testing.T) {
	const body = `{"x":1}`
	for _, sent := range []string{body, `{"x":2}`} {
		r := httptest.NewRequest("POST", "http://h/prod/pets?b=2&a=1", strings.NewReader(sent))
		r.Header.Set("Content-Type", "application/json")
		sign(t, r, body, "AKIAUSER", "secret", "", "us-east-1", "execute-api", start)
		rc, _ := testRequest("/pets")
		rc.Method, rc.Header = "POST", r.Header
		iam := &IAM{Keys: accessKeys(t), Now: func() time.Time { return start }}
		err := iam.Authorize(t.Context(), rc, r)
		if (err == nil) != (sent == body) {
			t.Errorf("%s: %v", sent, err)
		}
		if left, err := io.ReadAll(r.Body); err != nil || string(left) != sent {
			t.Errorf("left %q, %v", left, err)
		}
	}
}

func TestNoMethod(t *testing.T) {
	for header, want := range map[string]string{
		"":           "Missing Authentication Token",
		"Bearer abc": "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.",
		"AWS4-HMAC-SHA256 Credential=AKIA/20260115/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=x": "Missing Authentication Token",
	} {
		h := http.Header{"X-Amz-Date": {"20260115T120000Z"}}
		if header != "" {
			h.Set("Authorization", header)
		}
		if e := NoMethod(h); e.StatusCode() != 403 || e.Text() != want || e.Type != gwerr.MissingAuthenticationToken {
			t.Errorf("%q: %d %s %s", header, e.StatusCode(), e.Type, e.Text())
		}
	}
}

// errorTypeHeader is spelled as AWS spells it, which net/http would not.
var errorTypeHeader = "x-amzn-ErrorType"
