package iam

import (
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const readPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}`

func TestUserPolicies(t *testing.T) {
	c, s := start(t)
	ctx, ann := t.Context(), aws.String("ann")
	_, err := c.PutUserPolicy(ctx, &awsiam.PutUserPolicyInput{UserName: ann, PolicyName: aws.String("read"), PolicyDocument: aws.String(readPolicy)})
	wantError(t, err, 404, "NoSuchEntity", "The user with name ann cannot be found.")
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: ann})
	do(err)
	made, err := c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("write"), PolicyDocument: aws.String(readPolicy)})
	do(err)
	for range 2 { // the same again changes nothing
		_, err = c.PutUserPolicy(ctx, &awsiam.PutUserPolicyInput{UserName: ann, PolicyName: aws.String("read"), PolicyDocument: aws.String(readPolicy)})
		do(err)
		_, err = c.AttachUserPolicy(ctx, &awsiam.AttachUserPolicyInput{UserName: ann, PolicyArn: made.Policy.Arn})
		do(err)
	}
	inline, err := c.ListUserPolicies(ctx, &awsiam.ListUserPoliciesInput{UserName: ann})
	if err != nil || len(inline.PolicyNames) != 1 || inline.PolicyNames[0] != "read" {
		t.Errorf("inline %+v %v", inline, err)
	}
	got, err := c.GetUserPolicy(ctx, &awsiam.GetUserPolicyInput{UserName: ann, PolicyName: aws.String("read")})
	do(err)
	if text, _ := url.QueryUnescape(*got.PolicyDocument); text != readPolicy || *got.UserName != "ann" {
		t.Errorf("got %+v", got)
	}
	attached, err := c.ListAttachedUserPolicies(ctx, &awsiam.ListAttachedUserPoliciesInput{UserName: ann})
	if err != nil || len(attached.AttachedPolicies) != 1 || *attached.AttachedPolicies[0].PolicyName != "write" {
		t.Errorf("attached %+v %v", attached, err)
	}
	entities, err := c.ListEntitiesForPolicy(ctx, &awsiam.ListEntitiesForPolicyInput{PolicyArn: made.Policy.Arn})
	if err != nil || len(entities.PolicyUsers) != 1 || *entities.PolicyUsers[0].UserName != "ann" {
		t.Errorf("entities %+v %v", entities, err)
	}
	if documents, ok := s.UserPolicies("arn:aws:iam::000000000000:user/ann"); !ok || len(documents) != 2 {
		t.Errorf("documents %q %v", documents, ok)
	}
	if _, ok := s.UserPolicies("arn:aws:iam::000000000000:user/bob"); ok {
		t.Error("bob does not exist")
	}

	_, err = c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: made.Policy.Arn})
	wantError(t, err, 409, "DeleteConflict", "Cannot delete a policy attached to entities.")
	_, err = c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: ann})
	wantError(t, err, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	_, err = c.DetachUserPolicy(ctx, &awsiam.DetachUserPolicyInput{UserName: ann, PolicyArn: made.Policy.Arn})
	do(err)
	_, err = c.DetachUserPolicy(ctx, &awsiam.DetachUserPolicyInput{UserName: ann, PolicyArn: made.Policy.Arn})
	wantError(t, err, 404, "NoSuchEntity", "Policy "+*made.Policy.Arn+" was not found.")
	_, err = c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: ann})
	wantError(t, err, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	_, err = c.DeleteUserPolicy(ctx, &awsiam.DeleteUserPolicyInput{UserName: ann, PolicyName: aws.String("read")})
	do(err)
	_, err = c.DeleteUserPolicy(ctx, &awsiam.DeleteUserPolicyInput{UserName: ann, PolicyName: aws.String("read")})
	wantError(t, err, 404, "NoSuchEntity", "The user policy with name read cannot be found.")
	_, err = c.AttachUserPolicy(ctx, &awsiam.AttachUserPolicyInput{UserName: ann, PolicyArn: aws.String("longpolicynamebutnoarn")})
	wantError(t, err, 400, "ValidationError", "Invalid ARN:  Could not be parsed!")
	_, err = c.PutUserPermissionsBoundary(ctx, &awsiam.PutUserPermissionsBoundaryInput{UserName: ann, PermissionsBoundary: made.Policy.Arn})
	do(err)
	bounded, err := c.GetUser(ctx, &awsiam.GetUserInput{UserName: ann})
	if err != nil || bounded.User.PermissionsBoundary == nil || *bounded.User.PermissionsBoundary.PermissionsBoundaryArn != *made.Policy.Arn {
		t.Errorf("bounded %+v %v", bounded, err)
	}
	_, err = c.DeleteUserPermissionsBoundary(ctx, &awsiam.DeleteUserPermissionsBoundaryInput{UserName: ann})
	do(err)
	if free, err := c.GetUser(ctx, &awsiam.GetUserInput{UserName: ann}); err != nil || free.User.PermissionsBoundary != nil {
		t.Errorf("free %+v %v", free, err)
	}
	groups, err := c.ListGroupsForUser(ctx, &awsiam.ListGroupsForUserInput{UserName: ann})
	if err != nil || len(groups.Groups) != 0 {
		t.Errorf("groups %+v %v", groups, err)
	}
	_, err = c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: ann})
	do(err)
}

func TestUserIsRenamed(t *testing.T) {
	c, s := start(t)
	ctx := t.Context()
	for _, name := range []string{"ann", "bob"} {
		if _, err := c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	key, err := c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: aws.String("ann")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.UpdateUser(ctx, &awsiam.UpdateUserInput{UserName: aws.String("ann"), NewUserName: aws.String("Bob")})
	wantError(t, err, 409, "EntityAlreadyExists", "User with name Bob already exists.")
	if _, err := c.UpdateUser(ctx, &awsiam.UpdateUserInput{UserName: aws.String("ann"), NewUserName: aws.String("Eve"), NewPath: aws.String("/ops/")}); err != nil {
		t.Fatal(err)
	}
	_, err = c.GetUser(ctx, &awsiam.GetUserInput{UserName: aws.String("ann")})
	wantError(t, err, 404, "NoSuchEntity", "The user with name ann cannot be found.")
	if _, err := c.TagUser(ctx, &awsiam.TagUserInput{UserName: aws.String("eve"), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("ops")}, {Key: aws.String("x"), Value: aws.String("")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.UntagUser(ctx, &awsiam.UntagUserInput{UserName: aws.String("Eve"), TagKeys: []string{"X"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := c.ListUserTags(ctx, &awsiam.ListUserTagsInput{UserName: aws.String("Eve")})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "Team" {
		t.Errorf("tags %+v %v", tags, err)
	}
	cred, ok := s.SecretFor(*key.AccessKey.AccessKeyId)
	if !ok || cred.ARN != "arn:aws:iam::000000000000:user/ops/Eve" {
		t.Errorf("key %+v %v", cred, ok)
	}
}
