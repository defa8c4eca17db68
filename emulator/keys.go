package emulator

import (
	"strings"
	"sync"

	"github.com/postern/postern/controlplane/supporting/iam"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/executor"
)

// keys knows the secret behind every access key that a signature can name: those
// that IAM and STS issued, those that functions were given, and the well-known ones.
type keys struct {
	iam       *iam.Service
	functions sync.Map // access key id -> iam.Credential
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
	if cred, ok := k.functions.Load(accessKey); ok {
		return cred.(iam.Credential), true
	}
	if wellKnown(accessKey) {
		return iam.Credential{AccessKeyID: accessKey, SecretAccessKey: wellKnownSecret, Active: true}, true
	}
	return iam.Credential{}, false
}

// forFunction gives a function the credentials of its role, and remembers them.
func (k *keys) forFunction(account, roleARN, function string) executor.Credentials {
	c := lambda.RoleCredentials(account, roleARN, function)
	k.functions.Store(c.AccessKeyID, iam.Credential{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken, Account: account, Active: true,
		Principal: iam.Principal{ARN: "arn:aws:sts::" + account + ":assumed-role/" + roleARN[strings.LastIndexByte(roleARN, '/')+1:] + "/" + function},
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
