package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Policy is a compiled policy document.
type Policy struct{ statements []statement }

type statement struct {
	deny       bool
	actions    matcher
	resources  matcher
	principals *principals // nil: the document's kind has none
	conditions []condition
}

// The document as it is written. Members are compared without case, as
// encoding/json does.
type (
	rawDocument struct {
		Version   string
		ID        string `json:"Id"`
		Statement oneOrMore[rawStatement]
	}
	rawStatement struct {
		Sid          string
		Effect       string
		Action       oneOrMore[string]
		NotAction    oneOrMore[string]
		Resource     oneOrMore[string]
		NotResource  oneOrMore[string]
		Principal    json.RawMessage
		NotPrincipal json.RawMessage
		Condition    map[string]map[string]oneOrMore[scalar]
	}
)

// maxDocument is more than any policy that AWS takes, and few enough bytes to be
// parsed at once.
const maxDocument = 64 << 10

// currentVersion is the version whose documents may hold policy variables.
const currentVersion = "2012-10-17"

// Parse compiles a policy that belongs to an identity, or that a Lambda authorizer
// returned: it names no principals.
func Parse(document []byte) (*Policy, error) { return compiler{}.parse(document) }

// maxReturned is how long AWS lets a resource be that a Lambda authorizer returns.
const maxReturned = 512

// ParseReturned compiles a policy that a REST API's Lambda authorizer returned.
func ParseReturned(document []byte) (*Policy, error) {
	return compiler{maxResource: maxReturned}.parse(document)
}

// ParseResource compiles a resource policy. Resources that are written in the short
// form execute-api:/stage/VERB/path get apiARN in front, which is
// arn:aws:execute-api:{region}:{account}:{api}.
func ParseResource(document []byte, apiARN string) (*Policy, error) {
	return compiler{apiARN: apiARN, resource: true}.parse(document)
}

func (c compiler) parse(document []byte) (*Policy, error) {
	if len(document) > maxDocument {
		return nil, fmt.Errorf("policy document of %d bytes is too large", len(document))
	}
	var raw rawDocument
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		return nil, fmt.Errorf("policy document: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("policy document: something follows the document")
	}
	switch raw.Version {
	case "", "2008-10-17", currentVersion:
	default:
		return nil, fmt.Errorf("policy document: version %q is unknown", raw.Version)
	}
	if raw.Statement == nil {
		return nil, errors.New("policy document has no Statement")
	}
	c.variables = raw.Version == currentVersion
	out := &Policy{statements: make([]statement, len(raw.Statement))}
	for i := range raw.Statement {
		s, err := c.statement(&raw.Statement[i])
		if err != nil {
			return nil, fmt.Errorf("policy document: statement %d: %w", i, err)
		}
		out.statements[i] = s
	}
	return out, nil
}

// compiler compiles the statements of one document.
type compiler struct {
	variables bool
	apiARN    string
	resource  bool
	// maxResource is how long a resource may be; 0: any length.
	maxResource int
}

func (c *compiler) statement(raw *rawStatement) (out statement, err error) {
	switch raw.Effect {
	case "Allow":
	case "Deny":
		out.deny = true
	default:
		return out, fmt.Errorf("effect %q is neither Allow nor Deny", raw.Effect)
	}
	if out.actions, err = c.actions(raw); err != nil {
		return out, err
	}
	if out.resources, err = c.resources(raw); err != nil {
		return out, err
	}
	if c.resource {
		out.principals, err = parsePrincipals(raw.Principal, raw.NotPrincipal)
	} else if raw.Principal != nil || raw.NotPrincipal != nil {
		err = errors.New("this kind of policy names no principals")
	}
	if err != nil {
		return out, err
	}
	out.conditions, err = c.conditions(raw.Condition)
	return out, err
}

// oneOrMore is a JSON value that may stand alone or in a list.
type oneOrMore[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *oneOrMore[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return errors.New("a value is null")
	}
	var list []T
	if len(b) > 0 && b[0] == '[' {
		list = []T{}
		if err := strict(b, &list); err != nil {
			return err
		}
		*l = list
		return nil
	}
	var one T
	if err := strict(b, &one); err != nil {
		return err
	}
	*l = oneOrMore[T]{one}
	return nil
}

// strict decodes as the decoder above does, whose settings do not reach in here.
func strict(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// scalar is a condition's value: text, or a number or truth value that stands for
// its text.
type scalar string

// UnmarshalJSON implements json.Unmarshaler.
func (s *scalar) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(s))
	}
	if len(b) == 0 || b[0] == '{' || b[0] == '[' || b[0] == 'n' {
		return errors.New("a condition's value is no text")
	}
	*s = scalar(b)
	return nil
}
