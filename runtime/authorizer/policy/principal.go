package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Caller is who makes a request. The zero value is an anonymous caller.
type Caller struct {
	ARN       string // of the user or of the role's session
	AccountID string
}

// Role gives the ARN of the role behind a session, without the role's path, which a
// session's ARN does not show; false: the caller is no session.
func (c *Caller) Role() (string, bool) {
	prefix, rest, ok := strings.Cut(c.ARN, ":assumed-role/")
	if !ok {
		return "", false
	}
	partition, service, _ := strings.Cut(prefix, ":sts:")
	name, _, _ := strings.Cut(rest, "/")
	return partition + ":iam:" + service + ":role/" + name, true
}

// principals is a Principal element, or in its negated form a NotPrincipal.
type principals struct {
	everyone bool
	accounts map[string]bool
	arns     map[string]bool
	not      bool
}

var errPrincipal = errors.New("one of Principal and NotPrincipal is required")

func parsePrincipals(is, not json.RawMessage) (*principals, error) {
	raw := is
	if (is == nil) == (not == nil) {
		return nil, errPrincipal
	}
	if is == nil {
		raw = not
	}
	p := &principals{accounts: map[string]bool{}, arns: map[string]bool{}, not: not != nil}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text != "*" {
			return nil, fmt.Errorf("principal %q is neither * nor an object", text)
		}
		p.everyone = true
		return p, nil
	}
	var kinds map[string]oneOrMore[string]
	if err := json.Unmarshal(raw, &kinds); err != nil {
		return nil, fmt.Errorf("principal: %w", err)
	}
	if len(kinds) == 0 {
		return nil, errPrincipal
	}
	for kind, names := range kinds {
		switch kind {
		case "AWS":
			for _, name := range names {
				p.add(name)
			}
		case "Service", "Federated", "CanonicalUser":
			// These never call an API with a signature of their own, so nobody
			// is meant by them here.
		default:
			return nil, fmt.Errorf("principal of type %q is unknown", kind)
		}
	}
	return p, nil
}

func (p *principals) add(name string) {
	parts := strings.SplitN(name, ":", 6)
	switch {
	case name == "*":
		p.everyone = true
	case len(parts) == 6 && parts[5] == "root":
		p.accounts[parts[4]] = true
	case len(parts) == 6 && strings.HasPrefix(parts[5], "role/"):
		// A session does not show its role's path.
		parts[5] = "role/" + parts[5][strings.LastIndexByte(parts[5], '/')+1:]
		p.arns[strings.Join(parts, ":")] = true
	case len(parts) == 6:
		p.arns[name] = true
	default:
		p.accounts[name] = true
	}
}

func (p *principals) include(c *Caller) bool { return p.names(c) != p.not }

func (p *principals) names(c *Caller) bool {
	if p.everyone {
		return true
	}
	if c.ARN == "" {
		return false
	}
	role, ok := c.Role()
	return p.accounts[c.AccountID] || p.arns[c.ARN] || ok && p.arns[role]
}
