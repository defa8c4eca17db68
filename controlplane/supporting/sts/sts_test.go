package sts

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/iam"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`

type fixture struct {
	url    string
	iamURL string
	iam    *iam.Service
	now    time.Time
}

func start(t *testing.T, dir string, strict bool) *fixture {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{now: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}
	f.iam = iam.New(iam.Config{DB: db, Now: func() time.Time { return f.now }})
	srv := httptest.NewServer(asCaller(New(Config{IAM: f.iam, Strict: strict}).Mux()))
	iamSrv := httptest.NewServer(asCaller(f.iam.Mux()))
	f.url, f.iamURL = srv.URL, iamSrv.URL
	t.Cleanup(func() {
		srv.Close()
		iamSrv.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// asCaller does the front door's part: the identity out of the signature.
func asCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		key, _, _ := strings.Cut(rest, "/")
		ctx := awsapi.WithIdentity(r.Context(), awsapi.Identity{Account: "000000000000", Region: "us-east-1", AccessKeyID: key, RequestID: "req"})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (f *fixture) as(c *types.Credentials) *awssts.Client {
	creds := aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}
	if c != nil {
		creds = aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
	}
	return awssts.New(awssts.Options{
		Region: "us-east-1", BaseEndpoint: &f.url, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil }),
	})
}

func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || api.ErrorMessage() != message {
		t.Errorf("got %v\nwant %s: %s", err, code, message)
	}
}

func TestCallerIdentityOfUnknownKey(t *testing.T) {
	f := start(t, "", false)
	var ids []string
	for range 2 {
		out, err := f.as(nil).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
		if err != nil {
			t.Fatal(err)
		}
		if *out.Account != "000000000000" || *out.Arn != "arn:aws:iam::000000000000:user/postern" || !strings.HasPrefix(*out.UserId, "AIDA") || len(*out.UserId) != 21 {
			t.Errorf("got %s %s %s", *out.Account, *out.Arn, *out.UserId)
		}
		ids = append(ids, *out.UserId)
	}
	if ids[0] != ids[1] {
		t.Errorf("user id changes: %v", ids)
	}
}

func TestSessionTags(t *testing.T) {
	f := start(t, "", false)
	tag := func(key string) types.Tag { return types.Tag{Key: &key, Value: aws.String("v")} }
	for _, tc := range []struct {
		tags       []types.Tag
		transitive []string
		want       string
	}{
		{[]types.Tag{tag("Team")}, []string{"team"}, ""},
		{[]types.Tag{tag("Team")}, []string{"Other"}, "The specified transitive tag key must be included in the requested tags."},
		{[]types.Tag{tag("Team"), tag("team")}, nil, "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
	} {
		_, err := f.as(nil).AssumeRole(t.Context(), &awssts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("session"), Tags: tc.tags, TransitiveTagKeys: tc.transitive,
		})
		var api smithy.APIError
		switch {
		case tc.want == "":
			if err != nil {
				t.Error(err)
			}
		case !errors.As(err, &api) || api.ErrorCode() != "InvalidParameterValue" || api.ErrorMessage() != tc.want:
			t.Errorf("got %v, want %s", err, tc.want)
		}
	}
}

// Deploy tools assume their bootstrap roles before they exist.
func TestAssumeRoleThatDoesNotExist(t *testing.T) {
	f := start(t, "", false)
	role := "arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-us-east-1"
	out, err := f.as(nil).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("cdk")})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(*out.Credentials.AccessKeyId, "ASIA") || len(*out.Credentials.SecretAccessKey) != 40 || *out.Credentials.SessionToken == "" ||
		!out.Credentials.Expiration.Equal(f.now.Add(time.Hour)) {
		t.Errorf("credentials %+v", out.Credentials)
	}
	if *out.AssumedRoleUser.Arn != "arn:aws:sts::123456789012:assumed-role/cdk-hnb659fds-deploy-role-123456789012-us-east-1/cdk" ||
		!strings.HasPrefix(*out.AssumedRoleUser.AssumedRoleId, "AROA") || !strings.HasSuffix(*out.AssumedRoleUser.AssumedRoleId, ":cdk") {
		t.Errorf("user %+v", out.AssumedRoleUser)
	}
	who, err := f.as(out.Credentials).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	if err != nil || *who.Account != "123456789012" || *who.Arn != *out.AssumedRoleUser.Arn || *who.UserId != *out.AssumedRoleUser.AssumedRoleId {
		t.Errorf("caller %+v %v", who, err)
	}
	info, err := f.as(nil).GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: out.Credentials.AccessKeyId})
	if err != nil || *info.Account != "123456789012" {
		t.Errorf("key info %+v %v", info, err)
	}
	c, ok := f.iam.SecretFor(*out.Credentials.AccessKeyId)
	if !ok || c.SecretAccessKey != *out.Credentials.SecretAccessKey || c.SessionToken != *out.Credentials.SessionToken || !c.Expires.Equal(*out.Credentials.Expiration) {
		t.Errorf("credential %+v %v", c, ok)
	}
	_, err = f.as(out.Credentials).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("chained"), DurationSeconds: aws.Int32(3601)})
	wantError(t, err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
}

func TestAssumeRoleUsesTheRole(t *testing.T) {
	f := start(t, "", false)
	c := awsiam.New(awsiam.Options{Region: "us-east-1", BaseEndpoint: &f.iamURL, Credentials: aws.AnonymousCredentials{}})
	r, err := c.CreateRole(t.Context(), &awsiam.CreateRoleInput{RoleName: aws.String("deploy"), Path: aws.String("/ci/"), AssumeRolePolicyDocument: aws.String(trust)})
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.as(nil).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: r.Role.Arn, RoleSessionName: aws.String("s1")})
	if err != nil || *out.AssumedRoleUser.AssumedRoleId != *r.Role.RoleId+":s1" || *out.AssumedRoleUser.Arn != "arn:aws:sts::000000000000:assumed-role/deploy/s1" {
		t.Errorf("got %+v %v", out, err)
	}
	_, err = f.as(nil).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: r.Role.Arn, RoleSessionName: aws.String("s1"), DurationSeconds: aws.Int32(3601)})
	wantError(t, err, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
}

func TestAssumeRoleRefusals(t *testing.T) {
	f := start(t, "", false)
	for _, tc := range []struct{ name, role, session, want string }{
		{"no ARN", "this-is-not-an-arn-at-all", "abc", "this-is-not-an-arn-at-all is invalid"},
		{"a user", "arn:aws:iam::123456789012:user/ann", "abc", "arn:aws:iam::123456789012:user/ann is invalid"},
		{"session name", "arn:aws:iam::123456789012:role/r", "a:b", `1 validation error detected: Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := f.as(nil).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: &tc.role, RoleSessionName: &tc.session})
			wantError(t, err, "ValidationError", tc.want)
		})
	}
	strict := start(t, "", true)
	_, err := strict.as(nil).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("abc"), ExternalId: aws.String("ext")})
	wantError(t, err, "ValidationError", "AssumeRole.ExternalId has no effect in Postern (trust policies are not evaluated) and --strict refuses it")
}

func TestSessionTokenSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	var creds *types.Credentials
	t.Run("issue", func(t *testing.T) {
		f := start(t, dir, false)
		out, err := f.as(nil).GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{})
		if err != nil {
			t.Fatal(err)
		}
		creds = out.Credentials
		if !creds.Expiration.Equal(f.now.Add(12 * time.Hour)) {
			t.Errorf("expires %v", creds.Expiration)
		}
		_, err = f.as(creds).GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{})
		wantError(t, err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	})
	f := start(t, dir, false)
	c, ok := f.iam.SecretFor(*creds.AccessKeyId)
	if !ok || c.SecretAccessKey != *creds.SecretAccessKey || c.ARN != "arn:aws:iam::000000000000:user/postern" {
		t.Errorf("after a restart: %+v %v", c, ok)
	}
	// Credentials that expired long ago are forgotten when others are issued.
	f.now = f.now.Add(13*time.Hour + 24*time.Hour)
	if _, err := f.as(nil).GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{}); err != nil {
		t.Fatal(err)
	}
	if _, ok := f.iam.SecretFor(*creds.AccessKeyId); ok {
		t.Error("an expired credential is kept for ever")
	}
}

func TestEveryOperationIsBuilt(t *testing.T) {
	if got := New(Config{}).Mux().Coverage(); len(got.Unbuilt) != 0 {
		t.Errorf("not built: %v", got.Unbuilt)
	}
}
