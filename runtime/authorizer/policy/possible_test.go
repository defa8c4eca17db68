package policy_test

import (
	"testing"

	"github.com/postern/postern/runtime/authorizer/policy"
)

func TestPossible(t *testing.T) {
	const (
		action = "states:StartExecution"
		m      = "arn:aws:states:us-east-1:1:stateMachine:m"
	)
	for _, tc := range []struct {
		name, statements string
		open, known      policy.Outcome
	}{
		{"nothing", ``, policy.Silent, policy.Silent},
		{"another action", `{"Effect":"Allow","Action":"states:StopExecution","Resource":"*"}`, policy.Silent, policy.Silent},
		{"another service", `{"Effect":"Allow","Action":["lambda:*","logs:*"],"Resource":"*"}`, policy.Silent, policy.Silent},
		{"the action", `{"Effect":"Allow","Action":"STATES:startexecution","Resource":"` + m + `"}`, policy.Allow, policy.Allow},
		{"wildcards", `{"Effect":"Allow","Action":"s*:Start*","Resource":"arn:aws:states:*:*:stateMachine:?"}`, policy.Allow, policy.Allow},
		{"everything but", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, policy.Allow, policy.Allow},
		{"everything but this", `{"Effect":"Allow","NotAction":"states:*","Resource":"*"}`, policy.Silent, policy.Silent},
		{"another resource", `{"Effect":"Allow","Action":"*","Resource":"` + m + `2"}`, policy.Allow, policy.Silent},
		{"not this resource", `{"Effect":"Allow","Action":"*","NotResource":"` + m + `"}`, policy.Allow, policy.Silent},
		{"a variable in the resource", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:states:*:*:stateMachine:${aws:username}"}`, policy.Allow, policy.Allow},
		{"a variable in what is left out", `{"Effect":"Allow","Action":"*","NotResource":"arn:*:${aws:username}"}`, policy.Allow, policy.Allow},
		{"a condition", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:x":"y"}}}`, policy.Allow, policy.Allow},
		{"denied", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"states:*","Resource":"*"}`, policy.Deny, policy.Deny},
		{"denied on a condition", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, policy.Allow, policy.Allow},
		{"denied on the resource", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"` + m + `"}`, policy.Allow, policy.Deny},
		{"denied on a variable", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"arn:*:${aws:username}"}`, policy.Allow, policy.Allow},
		{"denied on all but another", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","NotResource":"` + m + `2"}`, policy.Allow, policy.Deny},
		{"denied on all but a variable", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","NotResource":"arn:*:${aws:username}"}`, policy.Allow, policy.Allow},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[` + tc.statements + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			all := []*policy.Policy{p}
			if got := policy.Possible(all, action, ""); got != tc.open {
				t.Errorf("resource not known: got %v, want %v", got, tc.open)
			}
			if got := policy.Possible(all, action, m); got != tc.known {
				t.Errorf("resource known: got %v, want %v", got, tc.known)
			}
		})
	}
}
