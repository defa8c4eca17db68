package apigateway

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/internal/lazyregexp"
)

const maxPolicy = 8192

// resourcePolicy is a policy document with its members in the order in which AWS
// shows them.
type resourcePolicy struct {
	Version   string `json:",omitempty"`
	ID        string `json:"Id,omitempty"`
	Statement policyStatements
}

type policyStatement struct {
	Sid          string `json:",omitempty"`
	Effect       string
	Principal    any `json:",omitempty"`
	NotPrincipal any `json:",omitempty"`
	Action       any `json:",omitempty"`
	NotAction    any `json:",omitempty"`
	Resource     any `json:",omitempty"`
	NotResource  any `json:",omitempty"`
	// unverified against AWS: several conditions are in the order of their names.
	Condition any `json:",omitempty"`
}

// policyStatements may be written as one statement. AWS keeps a list of it.
type policyStatements []policyStatement

func (s *policyStatements) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return json.Unmarshal(b, (*[]policyStatement)(s))
	}
	*s = make(policyStatements, 1)
	return json.Unmarshal(b, &(*s)[0])
}

// normalPolicy gives a resource policy as AWS keeps it: compact, its members in order,
// lists of one made texts, accounts made ARNs of their roots, and resources that start
// with execute-api:/ made absolute.
func (tx *txn) normalPolicy(apiID, text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	var policy resourcePolicy
	if json.Unmarshal([]byte(text), &policy) != nil || !policy.valid() || len(text) > maxPolicy {
		return "", awsapi.BadRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	}
	partition := "arn:" + awsapi.Partition(tx.id.Region)
	api := partition + ":execute-api:" + tx.id.Region + ":" + tx.id.Account + ":" + apiID + "/"
	absolute := func(s string) string {
		if path, relative := strings.CutPrefix(s, "execute-api:/"); relative {
			return api + path
		}
		return s
	}
	root := func(s string) string {
		if accountID().MatchString(s) {
			return partition + ":iam::" + s + ":root"
		}
		return s
	}
	same := func(s string) string { return s }
	for i := range policy.Statement {
		s := &policy.Statement[i]
		s.Principal, s.NotPrincipal = singular(s.Principal, root), singular(s.NotPrincipal, root)
		s.Action, s.NotAction = singular(s.Action, same), singular(s.NotAction, same)
		s.Resource, s.NotResource = singular(s.Resource, absolute), singular(s.NotResource, absolute)
		s.Condition = singular(s.Condition, same)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(policy)
	return strings.TrimSuffix(b.String(), "\n"), err
}

var accountID = lazyregexp.New(`^[0-9]{12}$`)

// singular rewrites the texts of a policy's value, and gives what is alone in a list
// without the list.
func singular(v any, rewrite func(string) string) any {
	switch v := v.(type) {
	case string:
		return rewrite(v)
	case []any:
		for i := range v {
			v[i] = singular(v[i], rewrite)
		}
		if len(v) == 1 {
			return v[0]
		}
	case map[string]any:
		for name := range v {
			v[name] = singular(v[name], rewrite)
		}
	}
	return v
}

// valid tells whether a document is a policy of a resource: statements that say who
// may do what, or may not.
func (p *resourcePolicy) valid() bool {
	for _, s := range p.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" ||
			(s.Principal == nil) == (s.NotPrincipal == nil) || (s.Action == nil) == (s.NotAction == nil) || (s.Resource == nil) == (s.NotResource == nil) {
			return false
		}
	}
	return len(p.Statement) > 0
}

// escapedPolicy is the policy as an answer shows it. AWS: every quote and slash
// carries a backslash, so that clients have to unescape twice.
func escapedPolicy(policy string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `/`, `\/`).Replace(policy)
}
