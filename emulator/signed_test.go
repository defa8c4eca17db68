package emulator_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/postern/postern/emulator"
	"github.com/postern/postern/emulator/emulatortest"
)

// signed gives a request an AWS signature.
func signed(t *testing.T, id, secret, token string) func(*http.Request) {
	return signedAt(t, id, secret, token, 0)
}

// signedAt signs by a clock that is ahead.
func signedAt(t *testing.T, id, secret, token string, ahead time.Duration) func(*http.Request) {
	return func(r *http.Request) {
		t.Helper()
		sum := sha256.Sum256(nil)
		creds := aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}
		if err := v4.NewSigner().SignHTTP(context.Background(), creds, r, hex.EncodeToString(sum[:]), "execute-api", "us-east-1", time.Now().Add(ahead)); err != nil {
			t.Fatal(err)
		}
	}
}

// presigned puts the signature into a request's URL.
func presigned(t *testing.T, id, secret string) func(*http.Request) {
	return func(r *http.Request) {
		t.Helper()
		sum := sha256.Sum256(nil)
		q := r.URL.Query()
		q.Set("X-Amz-Expires", "60")
		r.URL.RawQuery = q.Encode()
		signed, _, err := v4.NewSigner().PresignHTTP(context.Background(), aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}, r, hex.EncodeToString(sum[:]), "execute-api", "us-east-1", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if r.URL, err = url.Parse(signed); err != nil {
			t.Fatal(err)
		}
	}
}

func TestIAMAuthorization(t *testing.T) {
	for _, mode := range []string{emulator.IAMLenient, emulator.IAMStrict} {
		t.Run(mode, func(t *testing.T) { testIAMAuthorization(t, mode) })
	}
}

func testIAMAuthorization(t *testing.T, mode string) {
	p := emulatortest.Start(t, func(c *emulator.Config) { c.IAM = mode })
	ctx := t.Context()
	backend := function(t, p, "echo", "python3.11", "index.py", echo)
	api, web := newRestAPI(t, p, ""), newHTTPAPI(t, p, backend)
	api.method("iam", "AWS_IAM", nil, backend)
	api.method("other", "AWS_IAM", nil, backend)
	rest := api.deploy()
	web.route("GET /iam", v2types.AuthorizationTypeAwsIam, nil)

	if _, err := p.IAM().CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("dev")}); err != nil {
		t.Fatal(err)
	}
	key, err := p.IAM().CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("dev")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.IAM().PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("dev"), PolicyName: aws.String("call"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":["arn:aws:execute-api:*:*:` + api.id + `/*/GET/iam","arn:aws:execute-api:*:*:` + web.id + `/*"]}]}`)}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.IAM().CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("app"), AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`)}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.IAM().PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("app"), PolicyName: aws.String("call"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":["arn:aws:execute-api:*:*:` + api.id + `/*/GET/iam","arn:aws:execute-api:*:*:` + web.id + `/*"]}]}`)}); err != nil {
		t.Fatal(err)
	}
	session, err := p.STS().AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::000000000000:role/app"), RoleSessionName: aws.String("s1")})
	if err != nil {
		t.Fatal(err)
	}
	id, secret := *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey
	nobody, err := p.IAM().CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("nobody")})
	if err != nil {
		t.Fatal(err)
	}
	other, err := p.IAM().CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: nobody.User.UserName})
	if err != nil {
		t.Fatal(err)
	}
	role := func(token string) func(*http.Request) {
		return signed(t, *session.Credentials.AccessKeyId, *session.Credentials.SecretAccessKey, token)
	}
	const roleARN = "arn:aws:sts::000000000000:assumed-role/app/s1"
	refused := `{"Message":"User: ` + roleARN + ` is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:` + api.id + `/prod/GET/other"}`
	unknown := `{"message":"The security token included in the request is invalid."}`
	for _, tc := range []struct {
		name, url string
		sign      func(*http.Request)
		status    int
		body      string // or its beginning
	}{
		{"user", rest + "/iam?b=2&a=1", signed(t, id, secret, ""), 200, `{"authorizer": null, "arn": "arn:aws:iam::000000000000:user/dev"`},
		{"user without the permission", rest + "/other", signed(t, id, secret, ""), 403, strings.Replace(refused, roleARN, "arn:aws:iam::000000000000:user/dev", 1)},
		{"well-known key", rest + "/iam", signed(t, "test", "test", ""), 200, ``},
		{"role", rest + "/iam", role(*session.Credentials.SessionToken), 200, `{"authorizer": null, "arn": "` + roleARN + `"`},
		{"role without the permission", rest + "/other", role(*session.Credentials.SessionToken), 403, refused},
		{"role without its token", rest + "/iam", role(""), 403, unknown},
		{"wrong secret", rest + "/iam", signed(t, id, "wrong", ""), 403, `{"message":"The request signature we calculated does not match`},
		{"unsigned", rest + "/iam", nil, 403, `{"message":"Missing Authentication Token"}`},
		{"another account's key", rest + "/iam", signed(t, "111122223333", "test", ""), 403, `{"Message":"User: arn:aws:iam::111122223333:`},
		{"by a URL signed before", rest + "/iam?x=1", presigned(t, id, secret), 200, `{"authorizer": null, "arn": "arn:aws:iam::000000000000:user/dev"`},
		{"by a path that names the API", p.URL() + "/_aws/execute-api/" + api.id + "/prod/iam", signed(t, id, secret, ""), 200, `{"authorizer": null, "arn": "arn:aws:iam::000000000000:user/dev"`},
		{"by the other such path", p.URL() + "/restapis/" + api.id + "/prod/_user_request_/iam", signed(t, id, "wrong", ""), 403, `{"message":"The request signature we calculated does not match`},
		{"HTTP API: user", web.url + "/iam", signed(t, id, secret, ""), 200, `{"authorizer": {"iam": {"accessKey": "` + id + `", "accountId": "000000000000"`},
		{"HTTP API: role", web.url + "/iam", role(*session.Credentials.SessionToken), 200, ``},
		{"HTTP API: wrong secret", web.url + "/iam", signed(t, id, "wrong", ""), 403, `{"message":"Forbidden"}`},
		{"HTTP API: unsigned", web.url + "/iam", nil, 403, `{"message":"Forbidden"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if status, body, _ := call(t, p, tc.url, tc.sign); status != tc.status || !strings.HasPrefix(body, tc.body) || strings.Contains(body, `"signed": true`) && tc.url == web.url {
				t.Errorf("%d %s", status, body)
			}
		})
	}
	status, body, _ := call(t, p, rest+"/iam", signed(t, *other.AccessKey.AccessKeyId, *other.AccessKey.SecretAccessKey, ""))
	if mode == emulator.IAMLenient && status != 200 || mode == emulator.IAMStrict && status != 403 {
		t.Errorf("a user who was given nothing, %s: %d %s", mode, status, body)
	}
	status, body, _ = call(t, p, rest+"/iam", signed(t, "AKIAIOSFODNN7EXAMPLE", "whatever", ""))
	if mode == emulator.IAMLenient && status != 200 || mode == emulator.IAMStrict && (status != 403 || body != unknown) {
		t.Errorf("a key nobody issued, %s: %d %s", mode, status, body)
	}
}

// What is known of a signer can be asked for by a resource policy, tags too.
func TestResourcePolicyOfSigners(t *testing.T) {
	p := emulatortest.Start(t)
	if _, err := p.IAM().CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("dev"), Path: aws.String("/a/"), Tags: []iamtypes.Tag{{Key: aws.String("Team"), Value: aws.String("pets")}}}); err != nil {
		t.Fatal(err)
	}
	key, err := p.IAM().CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("dev")})
	if err != nil {
		t.Fatal(err)
	}
	for condition, allowed := range map[string]bool{
		`"StringEquals":{"aws:PrincipalTag/team":"pets"}`: true, `"StringEquals":{"aws:PrincipalTag/team":"dogs"}`: false, `"StringEquals":{"aws:PrincipalTag/other":"pets"}`: false,
		`"StringEquals":{"aws:username":"dev","aws:PrincipalAccount":"000000000000","aws:PrincipalType":"User"}`: true, `"StringEquals":{"aws:username":"other"}`: false,
		`"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::000000000000:user/a/dev"}`: true, `"StringLike":{"aws:userid":"AIDA*"}`: true, `"StringEquals":{"aws:PrincipalOrgID":"o-1"}`: false,
	} {
		policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*/*/other"},
			{"Effect":"Deny","Principal":"*","NotAction":"execute-api:Other","Resource":"execute-api:/*","Condition":{` + strings.Replace(strings.Replace(condition, "Equals", "NotEquals", 1), "StringLike", "StringNotLike", 1) + `}}]}`
		if strings.Count(condition, "aws:") > 1 {
			policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{"StringNotEquals":{"aws:username":"dev"}}}]}`
		}
		_, address := importAPI(t, p, `"securityDefinitions":{"iam":{"type":"apiKey","name":"Authorization","in":"header","x-amazon-apigateway-authtype":"awsSigv4"}},"x-amazon-apigateway-policy":`+policy+
			`,"paths":{"/":{"get":`+method(mocked("in"), `"security":[{"iam":[]}]`)+`}}`)
		status, body, _ := call(t, p, address, signed(t, *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, ""))
		if (status == 200) != allowed {
			t.Errorf("%s: got %d %s", condition, status, body)
		}
	}
}

func TestResourcePolicy(t *testing.T) {
	p := emulatortest.Start(t)
	backend := function(t, p, "echo", "python3.11", "index.py", echo)
	for address, want := range map[string]int{"127.0.0.0/8": 200, "203.0.113.0/24": 403} {
		api := newRestAPI(t, p, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{"IpAddress":{"aws:SourceIp":"`+address+`"}}}]}`)
		api.method("open", "NONE", nil, backend)
		status, body, h := call(t, p, api.deploy()+"/open", nil)
		if status != want {
			t.Errorf("%s: %d %s", address, status, body)
		}
		refused := `{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:` + api.id + `/prod/GET/open"}`
		if want == 403 && (body != refused || h.Get("x-amzn-ErrorType") != "AccessDeniedException") {
			t.Errorf("%s: %s %s", address, body, h.Get("x-amzn-ErrorType"))
		}
	}
}
