package lambda

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
)

// Policy is the resource policy of a function, version, alias or layer version.
type Policy struct {
	Statements []Statement
	Revision   string
}

// Statement is one permission. Its JSON has the members in AWS's order.
type Statement struct {
	Sid       string
	Effect    string
	Principal Principal
	Action    Strings
	Resource  string
	Condition Conditions `json:",omitzero"`
}

// Principal is who a statement is about. Service is a service's name, AWS an account's or role's ARN; both empty
// stand for everybody.
type Principal struct{ Service, AWS string }

// Conditions are by operator, then by key. AWS prints the operators that it makes itself in this order.
type Conditions struct {
	StringEquals map[string]Strings `json:",omitempty"`
	StringLike   map[string]Strings `json:",omitempty"`
	Bool         map[string]Strings `json:",omitempty"`
	ArnEquals    map[string]Strings `json:",omitempty"`
	ArnLike      map[string]Strings `json:",omitempty"`
}

// Strings is a string or a list of them in JSON.
type Strings []string

// MarshalJSON writes a single string without a list.
func (s Strings) MarshalJSON() ([]byte, error) {
	if len(s) == 1 {
		return []byte(compactJSON(s[0])), nil
	}
	return []byte(compactJSON([]string(s))), nil
}

// UnmarshalJSON reads either form.
func (s *Strings) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*s = Strings{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(s))
}

// MarshalJSON writes "*", {"Service":…} or {"AWS":…}.
func (p Principal) MarshalJSON() ([]byte, error) {
	switch {
	case p.Service != "":
		return []byte(compactJSON(struct{ Service string }{p.Service})), nil
	case p.AWS != "":
		return []byte(compactJSON(struct{ AWS string }{p.AWS})), nil
	}
	return []byte(`"*"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Principal) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte(`"*"`)) {
		*p = Principal{}
		return nil
	}
	var one struct{ Service, AWS string }
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	// An unknown principal must not turn into everybody.
	if (one.Service == "") == (one.AWS == "") {
		return fmt.Errorf("principal %s is not of a known kind", b)
	}
	*p = Principal(one)
	return nil
}

// Document is the policy as GetPolicy shows it.
func (p *Policy) Document() string {
	return compactJSON(struct {
		Version   string
		ID        string `json:"Id"`
		Statement []Statement
	}{"2012-10-17", "default", p.Statements})
}

var accountID = lazyregexp.New(`^\d{12}$`)

// parsePrincipal reads the Principal of an AddPermission.
func parsePrincipal(s string) (Principal, error) {
	switch {
	case s == "*":
		return Principal{}, nil
	case accountID().MatchString(s):
		return Principal{AWS: "arn:aws:iam::" + s + ":root"}, nil
	case strings.HasPrefix(s, "arn:"):
		return Principal{AWS: s}, nil
	case strings.HasSuffix(s, ".amazonaws.com") || strings.HasSuffix(s, ".amazonaws.com.cn"):
		return Principal{Service: s}, nil
	}
	return Principal{}, invalid("The provided principal was invalid. Please check the principal and try again.")
}

// Caller is on whose behalf a function is invoked.
type Caller struct {
	// Service is the principal of an AWS service that calls by itself: apigateway.amazonaws.com.
	Service       string
	SourceARN     string // what makes it call
	SourceAccount string

	// Account and Role are those of credentials. Credentials of the function's own account need no resource policy.
	Account string
	Role    string // ARN; empty for an account's own
}

// allows reports whether a statement lets the caller do the action.
func (p *Policy) allows(c Caller, action string) bool {
	return p != nil && slices.ContainsFunc(p.Statements, func(s Statement) bool {
		return s.Effect == "Allow" && s.Principal.matches(c) &&
			slices.ContainsFunc(s.Action, func(a string) bool { return wildcard(strings.ToLower(a), strings.ToLower(action)) }) &&
			s.Condition.hold(c)
	})
}

func (p Principal) matches(c Caller) bool {
	switch {
	case p == Principal{}:
		return true
	case p.Service != "":
		return p.Service == c.Service
	case c.Service != "":
		return false
	case p.AWS == c.Role:
		return true
	}
	account, root := strings.CutSuffix(p.AWS, ":root")
	return root && c.Account != "" && strings.HasSuffix(account, ":"+c.Account)
}

func (c Conditions) hold(by Caller) bool {
	equal := func(want, have string) bool { return want == have }
	return all(c.StringEquals, by, equal) && all(c.StringLike, by, wildcard) && all(c.Bool, by, strings.EqualFold) &&
		all(c.ArnEquals, by, arnLike) && all(c.ArnLike, by, arnLike) // AWS: the two are the same
}

// all reports whether each key has one of its values. A key that the call does not have fails the condition.
func all(conditions map[string]Strings, by Caller, match func(want, have string) bool) bool {
	for key, values := range conditions {
		have := by.condition(key)
		if have == "" || !slices.ContainsFunc(values, func(want string) bool { return match(want, have) }) {
			return false
		}
	}
	return true
}

// condition gives the value of a condition key; keys are the same in any case.
func (c Caller) condition(key string) string {
	switch strings.ToLower(key) {
	case "aws:sourcearn":
		return c.SourceARN
	case "aws:sourceaccount":
		return c.SourceAccount
	case "aws:principalarn":
		return c.Role
	case "aws:principalaccount":
		return c.Account
	}
	return ""
}

// arnLike compares the six parts of two ARNs, each with wildcards. Only in the last one does * go beyond a colon.
func arnLike(pattern, arn string) bool {
	want, have := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(want) != 6 || len(have) != 6 {
		// unverified against AWS: that a lone * stands for every ARN.
		return pattern == "*"
	}
	for i := range want {
		if !wildcard(want[i], have[i]) {
			return false
		}
	}
	return true
}

// wildcard matches with * for any bytes and ? for one, in time proportional to the product of the lengths.
func wildcard(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
