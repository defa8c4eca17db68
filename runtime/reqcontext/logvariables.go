package reqcontext

import (
	"crypto/tls"
	"net/http"
	"strings"
)

// step is what one step of letting a request in came to.
type step struct {
	status  int
	failure string
}

// authenticated is the step that finds out who calls, under IAM.
//
// unverified against AWS: the statuses, and which authorizers fill these variables.
func (c *Context) authenticated() step {
	if c.Authorizer.Kind != IAMAuthorizer {
		return step{}
	}
	s := step{status: http.StatusOK}
	if c.Authorizer.Decision == "unauthorized" {
		s.status, s.failure = http.StatusForbidden, c.Error.Message
	}
	return s
}

// authorized is the step that judges whether the caller may.
func (c *Context) authorized() step {
	s := step{status: http.StatusOK}
	switch {
	case c.Authorizer.Kind != IAMAuthorizer || c.Authorizer.Decision == "unauthorized":
		return step{}
	case c.Authorizer.Decision == "deny":
		s.status, s.failure = http.StatusForbidden, c.Error.Message
	}
	return s
}

// overrideVariable finds the variables of what templates overrode.
func overrideVariable(name string) func(*Context) (string, bool) {
	for _, group := range overrides {
		key, ok := strings.CutPrefix(name, group.prefix)
		if !ok || key == "" {
			continue
		}
		return func(c *Context) (string, bool) {
			s := override(group.of(&c.Override)[key])
			return s, s != ""
		}
	}
	return nil
}

var overrides = []struct {
	prefix string
	of     func(*Override) map[string]any
}{
	{"requestOverride.header.", func(o *Override) map[string]any { return o.RequestHeader }},
	{"requestOverride.querystring.", func(o *Override) map[string]any { return o.RequestQuery }},
	{"requestOverride.path.", func(o *Override) map[string]any { return o.RequestPath }},
	{"responseOverride.header.", func(o *Override) map[string]any { return o.ResponseHeader }},
}

func override(v any) string {
	if v == nil {
		return ""
	}
	return Text(v)
}

func tlsVersion(s *tls.ConnectionState) string {
	if s == nil {
		return ""
	}
	return strings.Replace(tls.VersionName(s.Version), "TLS ", "TLSv", 1)
}

// cipherSuite writes a suite as OpenSSL does: ECDHE-RSA-AES128-GCM-SHA256. The names
// of TLS 1.3 are everybody's.
func cipherSuite(s *tls.ConnectionState) string {
	if s == nil {
		return ""
	}
	name := tls.CipherSuiteName(s.CipherSuite)
	if s.Version >= tls.VersionTLS13 {
		return name
	}
	return suiteNames.Replace(strings.TrimPrefix(name, "TLS_"))
}

var suiteNames = strings.NewReplacer("_WITH_", "-", "AES_128", "AES128", "AES_256", "AES256", "CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305", "_CBC_", "-", "_", "-")
