package policy

// Outcome is what a policy says of one request.
type Outcome uint8

// The outcomes. What a Silent policy comes to is for others to say.
const (
	Silent Outcome = iota
	Allow
	Deny
)

func (o Outcome) String() string {
	switch o {
	case Allow:
		return "Allow"
	case Deny:
		return "Deny"
	}
	return "Silent"
}

// Invoke is the action that calling an API needs.
const Invoke = "execute-api:Invoke"

// Request is what a policy is asked about.
type Request struct {
	Action   string // empty: Invoke
	Resource string // arn:aws:execute-api:{region}:{account}:{api}/{stage}/{VERB}/{path}
	Caller   Caller
	// Values gives the values of a condition key, whose name is in lower case; nil:
	// the request has no such key.
	Values func(key string) []string
}

func (r *Request) values(key string) []string {
	if r.Values == nil {
		return nil
	}
	return r.Values(key)
}

// Evaluate says what the policy says of the request. A nil policy is Silent.
func (p *Policy) Evaluate(r *Request) Outcome {
	out := Silent
	if p == nil {
		return out
	}
	action := r.Action
	if action == "" {
		action = Invoke
	}
	for i := range p.statements {
		s := &p.statements[i]
		if out == Allow && !s.deny || !s.applies(r, action) {
			continue
		}
		if s.deny {
			return Deny
		}
		out = Allow
	}
	return out
}

func (s *statement) applies(r *Request, action string) bool {
	if !s.actions.matches(r, action) || !s.resources.matches(r, r.Resource) {
		return false
	}
	if s.principals != nil && !s.principals.include(&r.Caller) {
		return false
	}
	for i := range s.conditions {
		if !s.conditions[i].holds(r) {
			return false
		}
	}
	return true
}

// EvaluateAll says what several policies say together: a Deny of one wins.
func EvaluateAll(policies []*Policy, r *Request) Outcome {
	out := Silent
	for _, p := range policies {
		switch p.Evaluate(r) {
		case Deny:
			return Deny
		case Allow:
			out = Allow
		}
	}
	return out
}
