package iam

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/postern/postern/controlplane/awsapi"
)

// document is the part of a policy that its form depends on.
type document struct {
	Version   string
	Statement statements
}

type statement struct {
	Sid               string
	Effect            string
	Action, NotAction any
	Resource          any
	NotResource       any
	Principal         any
	NotPrincipal      any
	Condition         map[string]map[string]any
}

// statements are one statement or a list of them.
type statements []statement

func (l *statements) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(b)), "[") {
		return json.Unmarshal(b, (*[]statement)(l))
	}
	var one statement
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*l = statements{one}
	return nil
}

func malformed(text string) *awsapi.Error {
	return awsapi.Errorf("MalformedPolicyDocument", "%s", text)
}

// The texts below other than that for invalid JSON are unverified against AWS.

func parseDocument(text string) (*document, error) {
	if !json.Valid([]byte(text)) {
		return nil, malformed("This policy contains invalid Json")
	}
	d := new(document)
	if err := json.Unmarshal([]byte(text), d); err != nil {
		return nil, malformed("Syntax errors in policy.")
	}
	if d.Version != "" && d.Version != "2012-10-17" && d.Version != "2008-10-17" {
		return nil, malformed("Syntax errors in policy.")
	}
	if len(d.Statement) == 0 {
		return nil, malformed("Syntax errors in policy.")
	}
	var sids []string
	for _, st := range d.Statement {
		if st.Effect != "Allow" && st.Effect != "Deny" {
			return nil, malformed("Syntax errors in policy.")
		}
		if (st.Action == nil) == (st.NotAction == nil) {
			return nil, malformed("Policy statement must contain actions.")
		}
		if st.Sid != "" && slices.Contains(sids, st.Sid) {
			return nil, malformed("Statement IDs (SID) in a single policy must be unique.")
		}
		sids = append(sids, st.Sid)
	}
	return d, nil
}

// checkPermissionPolicy checks a policy of a principal: it names resources and no
// principal.
func checkPermissionPolicy(text string) error {
	d, err := parseDocument(text)
	if err != nil {
		return err
	}
	for _, st := range d.Statement {
		if st.Principal != nil || st.NotPrincipal != nil {
			return malformed("Policy document should not specify a principal.")
		}
		if (st.Resource == nil) == (st.NotResource == nil) {
			return malformed("Policy statement must contain resources.")
		}
	}
	return nil
}

// checkTrustPolicy checks a role's trust policy: it names principals and no
// resource, and speaks of sts actions only.
func checkTrustPolicy(text string) error {
	d, err := parseDocument(text)
	if err != nil {
		return err
	}
	if documentSize(text) > maxTrustPolicy {
		return awsapi.Errorf("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", maxTrustPolicy)
	}
	for _, st := range d.Statement {
		if st.Resource != nil || st.NotResource != nil {
			return malformed("Has prohibited field Resource")
		}
		if st.Principal == nil && st.NotPrincipal == nil {
			return malformed("Missing required field Principal")
		}
		for _, a := range texts(st.Action) {
			if a != "*" && !strings.HasPrefix(strings.ToLower(a), "sts:") {
				return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
	}
	return nil
}

// texts gives the strings of a string or a list.
func texts(v any) []string {
	switch t := v.(type) {
	case string:
		return []string{t}
	case []any:
		var out []string
		for _, e := range t {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// documentSize counts as AWS's quotas do: without white space.
func documentSize(text string) int {
	n := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// encodeDocument encodes a document as answers carry it (RFC 3986).
func encodeDocument(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}
