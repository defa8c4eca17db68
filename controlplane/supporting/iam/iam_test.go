package iam

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

const (
	trustLambda = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	allowLogs   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}`
)

var clock = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// start serves a fresh Service and gives an SDK client for it.
func start(t *testing.T) (*awsiam.Client, *Service) {
	t.Helper()
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Config{DB: db, Now: func() time.Time { return clock }})
	srv := httptest.NewServer(asCaller(s.Mux()))
	t.Cleanup(srv.Close)
	return client(srv.URL, "test"), s
}

func client(endpoint, accessKey string) *awsiam.Client {
	return awsiam.New(awsiam.Options{
		Region:       "us-east-1",
		BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "test"}, nil
		}),
		RetryMaxAttempts: 1,
	})
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

// wantError checks the code, status and text that the SDK read.
func wantError(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var api smithy.APIError
	var res *smithyhttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &res) {
		t.Errorf("got %v, want %s", err, code)
		return
	}
	if api.ErrorCode() != code || api.ErrorMessage() != message || res.HTTPStatusCode() != status {
		t.Errorf("got %d %s %q\nwant %d %s %q", res.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage(), status, code, message)
	}
}

func createRole(t *testing.T, c *awsiam.Client, name string) *types.Role {
	t.Helper()
	out, err := c.CreateRole(t.Context(), &awsiam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trustLambda)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Role
}

func TestRoleLife(t *testing.T) {
	c, _ := start(t)
	ctx := t.Context()
	out, err := c.CreateRole(ctx, &awsiam.CreateRoleInput{
		RoleName: aws.String("Fn"), Path: aws.String("/app/"), AssumeRolePolicyDocument: aws.String(trustLambda),
		Description: aws.String("runs fn"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("a b")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := out.Role
	if *r.Arn != "arn:aws:iam::000000000000:role/app/Fn" || !strings.HasPrefix(*r.RoleId, "AROA") || len(*r.RoleId) != 21 || !r.CreateDate.Equal(clock) {
		t.Errorf("created %+v", r)
	}
	if r.Description != nil || r.MaxSessionDuration != nil || len(r.Tags) != 1 {
		t.Errorf("CreateRole answers the head only: %+v", r)
	}
	if got, err := url.QueryUnescape(*r.AssumeRolePolicyDocument); err != nil || got != trustLambda || strings.Contains(*r.AssumeRolePolicyDocument, "+") {
		t.Errorf("document %s: %v", *r.AssumeRolePolicyDocument, err)
	}

	_, err = c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("fn"), AssumeRolePolicyDocument: aws.String(trustLambda)})
	wantError(t, err, 409, "EntityAlreadyExists", "Role with name fn already exists.")

	if _, err := c.UpdateRole(ctx, &awsiam.UpdateRoleInput{RoleName: aws.String("Fn"), MaxSessionDuration: aws.Int32(7200)}); err != nil {
		t.Fatal(err)
	}
	desc, err := c.UpdateRoleDescription(ctx, &awsiam.UpdateRoleDescriptionInput{RoleName: aws.String("Fn"), Description: aws.String("changed")})
	if err != nil || *desc.Role.Description != "changed" {
		t.Fatalf("%+v %v", desc, err)
	}
	if _, err := c.UpdateAssumeRolePolicy(ctx, &awsiam.UpdateAssumeRolePolicyInput{RoleName: aws.String("Fn"), PolicyDocument: aws.String(strings.Replace(trustLambda, "lambda", "apigateway", 1))}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.TagRole(ctx, &awsiam.TagRoleInput{RoleName: aws.String("Fn"), Tags: []types.Tag{{Key: aws.String("TEAM"), Value: aws.String("b")}, {Key: aws.String("x"), Value: aws.String("")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.UntagRole(ctx, &awsiam.UntagRoleInput{RoleName: aws.String("Fn"), TagKeys: []string{"x"}}); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("Fn")})
	if err != nil {
		t.Fatal(err)
	}
	if *got.Role.MaxSessionDuration != 7200 || *got.Role.Description != "changed" || !strings.Contains(*got.Role.AssumeRolePolicyDocument, "apigateway.amazonaws.com") ||
		len(got.Role.Tags) != 1 || *got.Role.Tags[0].Key != "TEAM" || *got.Role.Tags[0].Value != "b" || got.Role.RoleLastUsed == nil {
		t.Errorf("got %+v", got.Role)
	}
	list, err := c.ListRoles(ctx, &awsiam.ListRolesInput{PathPrefix: aws.String("/app")})
	if err != nil || len(list.Roles) != 1 || list.IsTruncated || list.Roles[0].Tags != nil {
		t.Errorf("list %+v %v", list, err)
	}
	if p, err := c.ListInstanceProfilesForRole(ctx, &awsiam.ListInstanceProfilesForRoleInput{RoleName: aws.String("Fn")}); err != nil || p.InstanceProfiles == nil || len(p.InstanceProfiles) != 0 {
		t.Errorf("instance profiles %+v %v", p, err)
	}
	if _, err := c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: aws.String("Fn")}); err != nil {
		t.Fatal(err)
	}
	_, err = c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("Fn")})
	wantError(t, err, 404, "NoSuchEntity", "The role with name Fn cannot be found.")
}

func TestRolePolicies(t *testing.T) {
	c, _ := start(t)
	ctx := t.Context()
	createRole(t, c, "fn")
	name := aws.String("fn")

	if _, err := c.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("logs"), PolicyDocument: aws.String(allowLogs)}); err != nil {
		t.Fatal(err)
	}
	inline, err := c.GetRolePolicy(ctx, &awsiam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("logs")})
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := url.PathUnescape(*inline.PolicyDocument); err != nil || doc != allowLogs {
		t.Errorf("inline document %q %v", doc, err)
	}
	_, err = c.GetRolePolicy(ctx, &awsiam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("nope")})
	wantError(t, err, 404, "NoSuchEntity", "The role policy with name nope cannot be found.")
	_, err = c.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("bad"), PolicyDocument: aws.String("{")})
	wantError(t, err, 400, "MalformedPolicyDocument", "This policy contains invalid Json")

	managed := aws.String("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
	for range 2 { // attaching twice is no error and no second attachment
		if _, err := c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: name, PolicyArn: managed}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String("arn:aws:iam::aws:policy/NobodyKnowsThis")}); err != nil {
		t.Fatal(err)
	}
	attached, err := c.ListAttachedRolePolicies(ctx, &awsiam.ListAttachedRolePoliciesInput{RoleName: name})
	if err != nil || len(attached.AttachedPolicies) != 2 || *attached.AttachedPolicies[0].PolicyName != "AWSLambdaBasicExecutionRole" {
		t.Errorf("attached %+v %v", attached, err)
	}
	nope := aws.String("arn:aws:iam::000000000000:policy/nope")
	_, err = c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: name, PolicyArn: nope})
	wantError(t, err, 404, "NoSuchEntity", "Policy arn:aws:iam::000000000000:policy/nope does not exist or is not attachable.")
	_, err = c.DetachRolePolicy(ctx, &awsiam.DetachRolePolicyInput{RoleName: name, PolicyArn: nope})
	wantError(t, err, 404, "NoSuchEntity", "Policy arn:aws:iam::000000000000:policy/nope was not found.")

	_, err = c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: name})
	wantError(t, err, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	for _, p := range attached.AttachedPolicies {
		if _, err := c.DetachRolePolicy(ctx, &awsiam.DetachRolePolicyInput{RoleName: name, PolicyArn: p.PolicyArn}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: name})
	wantError(t, err, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	if _, err := c.DeleteRolePolicy(ctx, &awsiam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("logs")}); err != nil {
		t.Fatal(err)
	}
	if l, err := c.ListRolePolicies(ctx, &awsiam.ListRolePoliciesInput{RoleName: name}); err != nil || l.PolicyNames == nil || len(l.PolicyNames) != 0 {
		t.Errorf("inline policies %+v %v", l, err)
	}
	if _, err := c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: name}); err != nil {
		t.Fatal(err)
	}
}

func TestManagedPolicyVersions(t *testing.T) {
	c, _ := start(t)
	ctx := t.Context()
	created, err := c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(allowLogs), Description: aws.String("d")})
	if err != nil {
		t.Fatal(err)
	}
	arn := created.Policy.Arn
	if *arn != "arn:aws:iam::000000000000:policy/p" || *created.Policy.DefaultVersionId != "v1" || !created.Policy.IsAttachable || !strings.HasPrefix(*created.Policy.PolicyId, "ANPA") {
		t.Errorf("created %+v", created.Policy)
	}
	_, err = c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(allowLogs)})
	wantError(t, err, 409, "EntityAlreadyExists", "A policy called p already exists. Duplicate names are not allowed.")

	for i := 2; i <= 5; i++ {
		if _, err := c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(allowLogs), SetAsDefault: i == 3}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(allowLogs)})
	wantError(t, err, 409, "LimitExceeded", "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	_, err = c.DeletePolicyVersion(ctx, &awsiam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v3")})
	wantError(t, err, 409, "DeleteConflict", "Cannot delete the default version of a policy.")
	_, err = c.GetPolicyVersion(ctx, &awsiam.GetPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v9")})
	wantError(t, err, 404, "NoSuchEntity", "Policy arn:aws:iam::000000000000:policy/p version v9 does not exist or is not attachable.")
	if _, err := c.DeletePolicyVersion(ctx, &awsiam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v5")}); err != nil {
		t.Fatal(err)
	}
	v, err := c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(allowLogs)})
	if err != nil || *v.PolicyVersion.VersionId != "v6" {
		t.Fatalf("numbers are not used again: %+v %v", v, err)
	}
	if _, err := c.SetDefaultPolicyVersion(ctx, &awsiam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v6")}); err != nil {
		t.Fatal(err)
	}
	_, err = c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: arn})
	if err == nil || !strings.Contains(err.Error(), "This policy has more than one version.") {
		t.Errorf("delete: %v", err)
	}
	list, err := c.ListPolicyVersions(ctx, &awsiam.ListPolicyVersionsInput{PolicyArn: arn})
	if err != nil || len(list.Versions) != 5 || *list.Versions[0].VersionId != "v6" || !list.Versions[0].IsDefaultVersion {
		t.Errorf("versions %+v %v", list, err)
	}
	createRole(t, c, "fn")
	if _, err := c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: aws.String("fn"), PolicyArn: arn}); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetPolicy(ctx, &awsiam.GetPolicyInput{PolicyArn: arn})
	if err != nil || *got.Policy.AttachmentCount != 1 || *got.Policy.DefaultVersionId != "v6" || *got.Policy.Description != "d" {
		t.Errorf("policy %+v %v", got, err)
	}
	_, err = c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: arn})
	wantError(t, err, 409, "DeleteConflict", "Cannot delete a policy attached to entities.")
	ents, err := c.ListEntitiesForPolicy(ctx, &awsiam.ListEntitiesForPolicyInput{PolicyArn: arn})
	if err != nil || len(ents.PolicyRoles) != 1 || *ents.PolicyRoles[0].RoleName != "fn" {
		t.Errorf("entities %+v %v", ents, err)
	}
	local, err := c.ListPolicies(ctx, &awsiam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal})
	if err != nil || len(local.Policies) != 1 {
		t.Errorf("local policies %+v %v", local, err)
	}
	all, err := c.ListPolicies(ctx, &awsiam.ListPoliciesInput{MaxItems: aws.Int32(2)})
	if err != nil || len(all.Policies) != 2 || !all.IsTruncated || all.Marker == nil {
		t.Errorf("first page %+v %v", all, err)
	}
}

func TestAWSManagedPolicies(t *testing.T) {
	c, _ := start(t)
	ctx := t.Context()
	for _, name := range []string{"AdministratorAccess", "service-role/AWSLambdaVPCAccessExecutionRole", "job-function/NobodyKnowsThis"} {
		arn := aws.String("arn:aws:iam::aws:policy/" + name)
		got, err := c.GetPolicy(ctx, &awsiam.GetPolicyInput{PolicyArn: arn})
		if err != nil {
			t.Fatal(err)
		}
		v, err := c.GetPolicyVersion(ctx, &awsiam.GetPolicyVersionInput{PolicyArn: arn, VersionId: got.Policy.DefaultVersionId})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := url.PathUnescape(*v.PolicyVersion.Document)
		if err != nil || checkPermissionPolicy(doc) != nil {
			t.Errorf("%s: document %s %v", name, doc, err)
		}
		if want := "/" + name[:strings.LastIndexByte(name, '/')+1]; *got.Policy.Path != want {
			t.Errorf("%s: path %s", name, *got.Policy.Path)
		}
	}
	if _, err := c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}); err == nil {
		t.Error("a policy that AWS manages was deleted")
	}
}

func TestConstraintsAndDocuments(t *testing.T) {
	c, _ := start(t)
	ctx := t.Context()
	_, err := c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("a b"), AssumeRolePolicyDocument: aws.String(trustLambda)})
	wantError(t, err, 400, "ValidationError", `1 validation error detected: Value 'a b' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`)
	tests := []struct{ name, document, want string }{
		{"not json", "no", "This policy contains invalid Json"},
		{"a list", "[]", "Syntax errors in policy."},
		{"no statement", `{"Version":"2012-10-17"}`, "Syntax errors in policy."},
		{"resource", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}`, "Has prohibited field Resource"},
		{"no principal", `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}`, "Missing required field Principal"},
		{"other action", `{"Statement":{"Effect":"Allow","Principal":"*","Action":["s3:Get*"]}}`, "AssumeRole policy may only specify STS AssumeRole actions."},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			_, err := c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: &tc.document})
			wantError(t, err, 400, "MalformedPolicyDocument", tc.want)
		})
	}
	_, err = c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(trustLambda),
		Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("A"), Value: aws.String("2")}}})
	wantError(t, err, 400, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

func TestServiceLinkedRole(t *testing.T) {
	c, _ := start(t)
	ctx := t.Context()
	in := &awsiam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ops.apigateway.amazonaws.com")}
	out, err := c.CreateServiceLinkedRole(ctx, in)
	if err != nil || *out.Role.Arn != "arn:aws:iam::000000000000:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway" {
		t.Fatalf("%+v %v", out, err)
	}
	_, err = c.CreateServiceLinkedRole(ctx, in)
	wantError(t, err, 400, "InvalidInput", "Service role name AWSServiceRoleForAPIGateway has been taken in this account, please try a different suffix.")
	_, err = c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: out.Role.RoleName})
	wantError(t, err, 400, "UnmodifiableEntity", "Cannot perform the operation on the protected role 'AWSServiceRoleForAPIGateway' - this role is only modifiable by AWS")
	del, err := c.DeleteServiceLinkedRole(ctx, &awsiam.DeleteServiceLinkedRoleInput{RoleName: out.Role.RoleName})
	if err != nil {
		t.Fatal(err)
	}
	st, err := c.GetServiceLinkedRoleDeletionStatus(ctx, &awsiam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: del.DeletionTaskId})
	if err != nil || st.Status != types.DeletionTaskStatusTypeSucceeded {
		t.Errorf("%+v %v", st, err)
	}
}

func TestUsersAndKeys(t *testing.T) {
	c, s := start(t)
	ctx := t.Context()
	if _, err := c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: aws.String("ann")}); err != nil {
		t.Fatal(err)
	}
	k, err := c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: aws.String("ann")})
	if err != nil {
		t.Fatal(err)
	}
	id := *k.AccessKey.AccessKeyId
	if len(id) != 20 || !strings.HasPrefix(id, "AKIA") || len(*k.AccessKey.SecretAccessKey) != 40 {
		t.Errorf("key %s %s", id, *k.AccessKey.SecretAccessKey)
	}
	if account, ok := AccountOfKeyID(id); !ok || account != "000000000000" {
		t.Errorf("account of %s: %s %v", id, account, ok)
	}
	cred, ok := s.SecretFor(id)
	if !ok || cred.SecretAccessKey != *k.AccessKey.SecretAccessKey || cred.ARN != "arn:aws:iam::000000000000:user/ann" || !cred.Active || cred.SessionToken != "" {
		t.Errorf("credential %+v %v", cred, ok)
	}
	if _, ok := s.SecretFor("AKIAUNKNOWN"); ok {
		t.Error("found a key that was never made")
	}
	if _, err := c.UpdateAccessKey(ctx, &awsiam.UpdateAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: &id, Status: types.StatusTypeInactive}); err != nil {
		t.Fatal(err)
	}
	if cred, _ := s.SecretFor(id); cred.Active {
		t.Error("key is still active")
	}
	_, err = c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: aws.String("ann")})
	wantError(t, err, 409, "DeleteConflict", "Cannot delete entity, must remove referenced objects first.")
	_, err = c.DeleteAccessKey(ctx, &awsiam.DeleteAccessKeyInput{AccessKeyId: &id}) // of the caller, who has no such key
	wantError(t, err, 404, "NoSuchEntity", "The Access Key with id "+id+" cannot be found.")
	if l, err := c.ListAccessKeys(ctx, &awsiam.ListAccessKeysInput{UserName: aws.String("ann")}); err != nil || len(l.AccessKeyMetadata) != 1 || l.AccessKeyMetadata[0].Status != types.StatusTypeInactive {
		t.Errorf("keys %+v %v", l, err)
	}
	if _, err := c.DeleteAccessKey(ctx, &awsiam.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: &id}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: aws.String("ann")}); err != nil {
		t.Fatal(err)
	}
	_, err = c.GetUser(ctx, &awsiam.GetUserInput{UserName: aws.String("ann")})
	wantError(t, err, 404, "NoSuchEntity", "The user with name ann cannot be found.")
	me, err := c.GetUser(ctx, &awsiam.GetUserInput{})
	if err != nil || *me.User.Arn != "arn:aws:iam::000000000000:user/postern" {
		t.Errorf("caller %+v %v", me, err)
	}
}

// The account that AWS's own key ids carry must be read as AWS reads it.
func TestAccountOfKeyID(t *testing.T) {
	for _, tc := range []struct {
		id, want string
		ok       bool
	}{
		{"ASIAQNZGKIQY56JQ7WML", "029608264753", true},
		{"AKIASP2TPHJSQH3FJRUX", "171436882533", true},
		{"short", "", false},
		{"AKIA0000000000000000", "", false},
	} {
		if got, ok := AccountOfKeyID(tc.id); got != tc.want || ok != tc.ok {
			t.Errorf("%s: got %s %v, want %s %v", tc.id, got, ok, tc.want, tc.ok)
		}
	}
}

func TestEveryOperationIsBuilt(t *testing.T) {
	_, s := start(t)
	got := s.Mux().Coverage()
	if len(got.Unbuilt) != 0 {
		t.Errorf("not built: %v", got.Unbuilt)
	}
}
