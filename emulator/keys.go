package emulator

import (
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/supporting/iam"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/executor"
)

// keys knows the secret behind every access key that a signature can name: those
// that IAM and STS issued, those that functions were given, and the well-known ones.
type keys struct {
	iam *iam.Service
}

// wellKnownSecret belongs to the access keys that nobody has to create: "test" and
// every account's own number.
const wellKnownSecret = "test"

func wellKnown(accessKey string) bool {
	return accessKey == "test" || len(accessKey) == 12 && strings.Trim(accessKey, "0123456789") == ""
}

// lookup finds an active key. false: there is none, or it was switched off.
func (k *keys) lookup(accessKey string) (iam.Credential, bool) {
	if cred, ok := k.iam.SecretFor(accessKey); ok {
		return cred, cred.Active
	}
	if wellKnown(accessKey) {
		return iam.Credential{AccessKeyID: accessKey, SecretAccessKey: wellKnownSecret, Active: true}, true
	}
	return iam.Credential{}, false
}

// forFunction gives a function the credentials of its role, in a session named after it.
func (k *keys) forFunction(account, roleARN, function string) executor.Credentials {
	c := lambda.RoleCredentials(account, roleARN, function)
	if len(function) == 1 {
		function += "@lambda_function" // a session's name has two characters at least
	}
	role := roleARN[strings.LastIndexByte(roleARN, '/')+1:]
	partition := "aws"
	if arn, ok := awsapi.ParseARN(roleARN); ok {
		partition = arn.Partition
	}
	k.iam.Adopt(iam.Credential{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken, Account: account, Active: true,
		Principal: iam.Principal{
			ARN:    "arn:" + partition + ":sts::" + account + ":assumed-role/" + role + "/" + function,
			UserID: k.iam.RoleToAssume(account, role).ID + ":" + function,
		},
	})
	return c
}

// account finds the account of an access key that was issued or given.
func (k *keys) account(accessKey string) (string, bool) {
	if cred, ok := k.lookup(accessKey); ok && cred.Account != "" {
		return cred.Account, true
	}
	return lambda.AccountOfKey(accessKey)
}
