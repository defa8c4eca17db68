package policy

// Possible says what the policies can come to for an action, where conditions and
// perhaps the resource (empty: not known) are not: Deny where a statement denies it
// whatever they are, Silent where none can allow it, else Allow.
func Possible(policies []*Policy, action, resource string) Outcome {
	out, r := Silent, &Request{}
	for _, p := range policies {
		for i := range p.statements {
			s := &p.statements[i]
			switch {
			case !s.actions.matches(r, action):
			case s.deny && len(s.conditions) == 0 && s.resources.surely(resource):
				return Deny
			case !s.deny && s.resources.possibly(resource):
				out = Allow
			}
		}
	}
	return out
}

// surely tells whether the matcher matches a text whatever the values of variables;
// of a text that is not known, only * is sure to match.
func (m *matcher) surely(text string) bool {
	if m.not {
		return text != "" && !m.list(text, true)
	}
	return m.list(text, false)
}

// possibly tells whether the matcher may match a text.
func (m *matcher) possibly(text string) bool {
	if m.not {
		return text == "" || !m.list(text, false)
	}
	return text == "" || m.list(text, true)
}

// list tells whether one of the patterns matches; open says whether those with
// variables count as if they did.
func (m *matcher) list(text string, open bool) bool {
	for _, p := range m.patterns {
		switch {
		case p.segments != nil:
			if open {
				return true
			}
		case text == "":
			if len(p.fixed) == 1 && p.fixed[0] == anyRun {
				return true
			}
		case match(p.fixed, text):
			return true
		}
	}
	return false
}
