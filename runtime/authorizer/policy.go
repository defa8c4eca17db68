package authorizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Policy is what a Lambda authorizer returned as policyDocument.
type Policy struct{ statements []statement }

type statement struct {
	allow       bool
	actions     []string
	resources   []string
	conditional bool
}

// Outcome is what a policy says of one request.
type Outcome uint8

// The outcomes; NoMatch refuses like an explicit Deny.
const (
	NoMatch Outcome = iota
	Allowed
	Denied
)

// invokeAction is the one action that calling an API needs.
const invokeAction = "execute-api:Invoke"

// ParsePolicy reads a policy document.
func ParsePolicy(raw json.RawMessage) (*Policy, error) {
	var doc struct {
		Statement oneOrMore[struct {
			Effect    string
			Action    oneOrMore[string]
			Resource  oneOrMore[string]
			Condition json.RawMessage
		}]
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("policy document: %w", err)
	}
	p := &Policy{}
	for _, s := range doc.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" || len(s.Action) == 0 || len(s.Resource) == 0 {
			return nil, errors.New("policy document: a statement lacks its effect, action or resource")
		}
		p.statements = append(p.statements, statement{
			allow: s.Effect == "Allow", actions: s.Action, resources: s.Resource,
			conditional: len(s.Condition) > 0 && string(s.Condition) != "null" && string(s.Condition) != "{}",
		})
	}
	return p, nil
}

// Evaluate says what the policy says of a call to arn. A Deny wins.
//
// Conditions are not judged: a Deny holds without its condition, an Allow with one
// does not, so nothing passes that AWS would refuse.
func (p *Policy) Evaluate(arn string) Outcome {
	out := NoMatch
	for _, s := range p.statements {
		if !matchesAny(s.actions, invokeAction, true) || !matchesAny(s.resources, arn, false) {
			continue
		}
		if !s.allow {
			return Denied
		}
		if !s.conditional {
			out = Allowed
		}
	}
	return out
}

func matchesAny(patterns []string, s string, fold bool) bool {
	for _, p := range patterns {
		if fold {
			p, s = strings.ToLower(p), strings.ToLower(s)
		}
		if match(p, s) {
			return true
		}
	}
	return false
}

// match compares with the wildcards * (any run of characters) and ? (any one).
func match(pattern, s string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, mark = i, j
			i++
		case i < len(pattern) && (pattern[i] == '?' || pattern[i] == s[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}

// oneOrMore is a JSON value that may stand alone or in a list.
type oneOrMore[T any] []T

func (l *oneOrMore[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]T)(l))
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*l = oneOrMore[T]{one}
	return nil
}
