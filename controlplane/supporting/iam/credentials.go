package iam

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// Credential is what an access key id stands for.
type Credential struct {
	AccessKeyID     string
	SecretAccessKey string
	// SessionToken is empty for a user's key; a temporary credential is only
	// valid together with it.
	SessionToken string
	Account      string
	// Active is false for a key that was switched off.
	Active bool
	// Expires is zero for a user's key.
	Expires time.Time
	Principal
}

// Principal is who makes a call.
type Principal struct {
	ARN    string // arn:aws:iam::A:user/NAME, arn:aws:sts::A:assumed-role/ROLE/SESSION
	UserID string // AIDA…, AROA…:SESSION
}

// Adopt takes a credential that was made elsewhere, as a function's, for as long as the
// process runs: whoever made it makes it again after that.
func (s *Service) Adopt(c Credential) { s.adopted.Store(c.AccessKeyID, c) }

// SecretFor finds the credential of an access key id, expired and inactive ones
// too: what to answer for those is the verifier's matter. false: neither issued nor
// adopted here.
func (s *Service) SecretFor(accessKeyID string) (Credential, bool) {
	if c, ok := s.adopted.Load(accessKeyID); ok {
		return c.(Credential), true
	}
	var c Credential
	var found bool
	// The function below returns no error.
	_ = s.db.View(func(tx *store.Tx) error {
		var k *accessKey
		if k, found = keys.Get(tx, keyScope, accessKeyID); found {
			c = credential(tx, k)
		}
		return nil
	})
	return c, found
}

// AccountFor gives the account that an access key issued here belongs to.
func (s *Service) AccountFor(accessKeyID string) (string, bool) {
	c, ok := s.SecretFor(accessKeyID)
	return c.Account, ok
}

func credential(tx *store.Tx, k *accessKey) Credential {
	c := Credential{
		AccessKeyID: k.ID, SecretAccessKey: k.Secret, SessionToken: k.Token,
		Account: k.Account, Active: k.Active, Expires: k.Expires,
		Principal: Principal{ARN: k.ARN, UserID: k.UserID},
	}
	if k.UserName != "" {
		u, ok := users.Get(tx, scopeOf(k.Account), nameKey(k.UserName))
		if !ok {
			u = defaultUser("aws", k.Account)
		}
		c.Principal = Principal{ARN: u.ARN, UserID: u.ID}
	}
	return c
}

// Caller tells who makes a call: the holder of a key issued here, else the default
// user of the account.
func (s *Service) Caller(id awsapi.Identity) (account string, p Principal) {
	if c, ok := s.SecretFor(id.AccessKeyID); ok {
		return c.Account, c.Principal
	}
	u := defaultUser(awsapi.Partition(id.Region), id.Account)
	return id.Account, Principal{ARN: u.ARN, UserID: u.ID}
}

// DefaultCaller is who makes the calls of an account with keys that were not issued.
func (s *Service) DefaultCaller(account string) Principal {
	u := defaultUser("aws", account)
	return Principal{ARN: u.ARN, UserID: u.ID}
}

// RoleFor is what sts needs to know of a role.
type RoleFor struct {
	ID         string
	MaxSession time.Duration
}

// RoleToAssume finds a role, or makes up what a role of that name would have: deploy
// tools assume roles that were never created here.
func (s *Service) RoleToAssume(account, name string) RoleFor {
	out := RoleFor{ID: "AROA" + stableID(account, "role", name), MaxSession: maxSession}
	// The function below returns no error.
	_ = s.db.View(func(tx *store.Tx) error {
		if r, ok := roles.Get(tx, scopeOf(account), nameKey(name)); ok {
			out = RoleFor{ID: r.ID, MaxSession: time.Duration(r.MaxSession) * time.Second}
		}
		return nil
	})
	return out
}

// maxSession is the longest that any role's session may be.
const maxSession = 12 * time.Hour

// IssueTemporary makes and keeps a temporary credential of a principal. Those that
// expired are forgotten on the way.
func (s *Service) IssueTemporary(ctx context.Context, account string, p Principal, life time.Duration) (Credential, error) {
	now := s.now().UTC().Truncate(time.Second)
	k := &accessKey{
		ID: s.newKeyID("ASIA", account), Secret: s.newSecret(), Token: s.newToken(), Account: account, Active: true,
		Created: now, Expires: now.Add(life), ARN: p.ARN, UserID: p.UserID,
	}
	var c Credential
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		for _, old := range keys.List(tx, keyScope, "ASIA") {
			// A verifier may still want to say that a token expired: keep it a day.
			if now.Sub(old.Expires) > 24*time.Hour {
				keys.Delete(tx, keyScope, old.ID)
			}
		}
		keys.Put(tx, keyScope, k.ID, k)
		c = credential(tx, k)
		return nil
	})
	return c, err
}

// newToken makes a session token: opaque, a few hundred characters as AWS's.
func (s *Service) newToken() string {
	var b strings.Builder
	b.WriteString("IQoJb3JpZ2luX2Vj")
	for range 6 {
		raw := sha256.Sum256([]byte(s.newID(40)))
		b.WriteString(base64.RawStdEncoding.EncodeToString(raw[:30]))
	}
	return b.String()
}
