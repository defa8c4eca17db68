package iam

import (
	"strings"
	"time"

	"github.com/postern/postern/controlplane/store"
)

type role struct {
	Name        string
	Path        string
	ID          string
	ARN         string
	Created     time.Time
	TrustPolicy string // the text as given: clients compare it
	Description string
	MaxSession  int // seconds
	Boundary    string
	Tags        []tag
	LinkedTo    string // the service of a service-linked role
	grants
}

// grants are what a role or user is given to do.
type grants struct {
	Inline   []inlinePolicy
	Attached []string // policy ARNs, in order of attachment
}

type inlinePolicy struct {
	Name     string
	Document string
}

type tag struct {
	Key   string
	Value string
}

type policy struct {
	Name        string
	Path        string
	ID          string
	ARN         string
	Description string
	Created     time.Time
	Updated     time.Time
	Tags        []tag
	Default     int // number of the default version
	LastVersion int // numbers are never used twice
	Versions    []policyVersion
}

type policyVersion struct {
	Number   int
	Document string
	Created  time.Time
}

type user struct {
	Name     string
	Path     string
	ID       string
	ARN      string
	Created  time.Time
	Boundary string
	Tags     []tag
	grants
}

// accessKey is a user's key (UserName set) or a temporary credential.
type accessKey struct {
	ID       string
	Secret   string
	Account  string
	UserName string
	Active   bool
	Created  time.Time

	Token   string
	Expires time.Time
	ARN     string // of the caller that the credential makes
	UserID  string
}

var (
	roles    = store.NewTable[role]("iam.role")
	policies = store.NewTable[policy]("iam.policy")
	users    = store.NewTable[user]("iam.user")
	keys     = store.NewTable[accessKey]("iam.accesskey")
)

// keyScope holds the access keys of all accounts.
var keyScope = store.Scope{Region: Region}

// nameKey makes the key of a role or user: AWS keeps the case of names but does
// not tell names apart by it.
func nameKey(name string) string { return strings.ToLower(name) }

func (tx *txn) role(name string) (*role, error) {
	r, ok := roles.Get(tx.Tx, tx.scope, nameKey(name))
	if !ok {
		return nil, noSuchEntity("The role with name %s cannot be found.", name)
	}
	return r, nil
}

// editRole gives a role to change. A service-linked one may only be changed by
// its service.
func (tx *txn) editRole(name string) (*role, error) {
	r, err := tx.role(name)
	if err != nil {
		return nil, err
	}
	if r.LinkedTo != "" {
		return nil, protected(name)
	}
	r, _ = roles.Edit(tx.Tx, tx.scope, nameKey(name))
	return r, nil
}
