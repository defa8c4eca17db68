package emulator

import (
	"net/url"
	"strings"
	"sync"

	"github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/sigv4"
)

// signers tells the data plane who signs calls of APIs (AWS_IAM), and what they may do.
type signers struct {
	keys     *keys
	account  string // of keys that stand for none
	lenient  bool   // keys that nobody issued are accepted
	compiled sync.Map
}

// accessKey implements authorizer.KeyLookup. A key that was issued is always verified,
// or tests of signing would be worth nothing.
func (s *signers) accessKey(id string) (authorizer.AccessKey, bool) {
	cred, ok := s.keys.lookup(id)
	issued := cred.AccessKeyID != ""
	if !issued {
		return authorizer.AccessKey{Unverified: true}, s.lenient
	}
	if !ok {
		return authorizer.AccessKey{}, false // switched off
	}
	out := authorizer.AccessKey{
		Key:       sigv4.Key{Secret: cred.SecretAccessKey, Token: cred.SessionToken, Expires: cred.Expires},
		AccountID: cred.Account, ARN: cred.ARN, UserID: cred.UserID,
	}
	if out.ARN == "" {
		p := s.keys.iam.DefaultCaller(s.accountOf(id))
		out.AccountID, out.ARN, out.UserID = s.accountOf(id), p.ARN, p.UserID
	}
	out.Tags = s.keys.iam.PrincipalTags(out.ARN)
	documents, ok := s.keys.iam.SessionPolicies(out.ARN)
	if !ok {
		// AWS: a user who was given nothing may do nothing. Leniently he may do all, as
		// whoever signs with a key that nobody issued.
		documents, ok = s.keys.iam.UserPolicies(out.ARN)
		ok = ok && (len(documents) > 0 || !s.lenient)
	}
	if ok {
		out.Policies = make([]*policy.Policy, len(documents))
		for i, text := range documents {
			out.Policies[i] = s.compile(text)
		}
	}
	return out, true
}

func (s *signers) accountOf(key string) string {
	if wellKnown(key) && key != "test" {
		return key
	}
	if account, ok := s.keys.account(key); ok {
		return account
	}
	return s.account
}

// compile compiles a document once. One that makes no sense denies everything: what
// it was to forbid is not known.
func (s *signers) compile(text string) *policy.Policy {
	if p, ok := s.compiled.Load(text); ok {
		return p.(*policy.Policy)
	}
	p, err := policy.Parse([]byte(text))
	if err != nil {
		p = denyAll
	}
	s.compiled.Store(text, p)
	return p
}

// compileAll compiles documents. false: one of them makes no sense.
func (s *signers) compileAll(texts []string) ([]*policy.Policy, bool) {
	out := make([]*policy.Policy, len(texts))
	for i, text := range texts {
		if out[i] = s.compile(text); out[i] == denyAll {
			return nil, false
		}
	}
	return out, true
}

var denyAll, _ = policy.Parse([]byte(`{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`))

// issuerAddress gives the address at which the issuer of tokens is reached: that of a
// Cognito user pool is the upstream of Cognito, where there is one.
func (e *Emulator) issuerAddress(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil || !strings.HasPrefix(u.Host, "cognito-idp.") || !strings.HasSuffix(u.Host, ".amazonaws.com") {
		return issuer
	}
	base := e.cfg.upstreams["cognito-idp"]
	if base == nil {
		base = e.cfg.upstreams["*"]
	}
	if base == nil {
		return issuer
	}
	return strings.TrimSuffix(base.String(), "/") + u.EscapedPath()
}
