package apigateway

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/internal/lazyregexp"
)

const maxPolicy = 8192

var oneResource = lazyregexp.New(`"Resource":\[("(?:[^"\\]|\\.)*")\]`)

// normalPolicy gives a resource policy as AWS keeps it: compact, resources that
// start with execute-api:/ made absolute, a list of one resource made a text.
func (tx *txn) normalPolicy(apiID, text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	if !validPolicy(text) || len(text) > maxPolicy {
		return "", awsapi.BadRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	}
	var b bytes.Buffer
	// It was parsed above.
	_ = json.Compact(&b, []byte(text))
	arn := `"arn:` + awsapi.Partition(tx.id.Region) + ":execute-api:" + tx.id.Region + ":" + tx.id.Account + ":" + apiID + "/"
	policy := strings.ReplaceAll(b.String(), `"execute-api:/`, arn)
	return oneResource().ReplaceAllString(policy, `"Resource":$1`), nil
}

// validPolicy tells whether a text is a policy of a resource: statements that say who
// may do what, or may not.
func validPolicy(text string) bool {
	var doc struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(text), &doc) != nil {
		return false
	}
	type statement struct {
		Effect                                                            string
		Principal, NotPrincipal, Action, NotAction, Resource, NotResource any
	}
	var all []statement
	if json.Unmarshal(doc.Statement, &all) != nil {
		var one statement
		if json.Unmarshal(doc.Statement, &one) != nil {
			return false
		}
		all = []statement{one}
	}
	for _, s := range all {
		if s.Effect != "Allow" && s.Effect != "Deny" ||
			(s.Principal == nil) == (s.NotPrincipal == nil) || (s.Action == nil) == (s.NotAction == nil) || (s.Resource == nil) == (s.NotResource == nil) {
			return false
		}
	}
	return len(all) > 0
}

// escapedPolicy is the policy as an answer shows it. AWS: every quote and slash
// carries a backslash, so that clients have to unescape twice.
func escapedPolicy(policy string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `/`, `\/`).Replace(policy)
}
