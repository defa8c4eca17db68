package patch

import (
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// Op is one operation on its way to a rule.
type Op struct {
	Op, Path, Value, From string
	args                  []string // what the rule's {} segments matched, unescaped
}

// FromWire reads an operation. AWS: a path that is missing reads "null" in errors.
func FromWire(o wire.PatchOperation) Op {
	p := Op{Op: awsapi.Val(o.Op), Path: awsapi.Val(o.Path), Value: awsapi.Val(o.Value), From: awsapi.Val(o.From)}
	if o.Path == nil {
		p.Path = "null"
	}
	return p
}

// Arg is what the rule's first {} matched, ArgAt what its i-th did.
func (p Op) Arg() string { return p.args[0] }

// ArgAt is what the rule's i-th {} matched, counted from 0.
func (p Op) ArgAt(i int) string { return p.args[i] }

// Truth reads the value as a boolean.
func (p Op) Truth() bool { return True(p.Value) }

// True is AWS's reading of a boolean: whatever is not "true" is false, silently.
func True(v string) bool { return strings.EqualFold(v, "true") }

// Family names one of the ways in which AWS words a refusal.
type Family uint8

// The families. A Stage has words of its own and is in neither.
const (
	Listed Family = iota // Resource, Model, RequestValidator, …: lists the paths
	Bare                 // RestApi, Method, GatewayResponse, …: names the path only
)

// Rule says what may be done at one path. A {} segment matches any one segment.
type Rule[R any] struct {
	Path  string
	Ops   []string
	Apply func(rec R, p Op) error
	// Unlisted keeps the path out of a listed family's text.
	Unlisted bool
	// Hidden answers an unsupported operation as if the path were unknown.
	Hidden bool
	// Refusal is the text for an unsupported operation where AWS has a special one.
	Refusal string
}

// Table is everything that a resource's PATCH accepts.
type Table[R any] struct {
	Family Family
	Rules  []Rule[R]
}

// Sets of operations.
var (
	Replace          = []string{"replace"}
	AddRemove        = []string{"add", "remove"}
	AddReplace       = []string{"add", "replace"}
	Remove           = []string{"remove"}
	AddReplaceRemove = []string{"add", "replace", "remove"}
)

// Apply runs the operations in order. The first refusal ends the request, whose
// transaction then keeps none of them.
func (t Table[R]) Apply(rec R, ops []wire.PatchOperation) error {
	for _, o := range ops {
		if err := t.one(rec, FromWire(o)); err != nil {
			return err
		}
	}
	return nil
}

func (t Table[R]) one(rec R, p Op) error {
	segments := splitPath(p.Path)
	var refusal error
	for i := range t.Rules {
		r := &t.Rules[i]
		args, ok := matchPath(r.Path, segments)
		if !ok {
			continue
		}
		if slices.Contains(r.Ops, p.Op) {
			p.args = args
			return r.Apply(rec, p)
		}
		if refusal == nil {
			refusal = t.unsupported(r, p)
		}
	}
	if refusal != nil {
		return refusal
	}
	return t.unknown(p)
}

func (t Table[R]) unknown(p Op) error {
	if t.Family == Bare {
		return awsapi.BadRequest("Invalid patch path %s", p.Path)
	}
	if p.Op != "replace" {
		return unsupportedListed(p)
	}
	var paths []string
	for _, r := range t.Rules {
		if !r.Unlisted {
			paths = append(paths, r.Path)
		}
	}
	return awsapi.BadRequest("Invalid patch path  '%s' specified for op '%s'. Must be one of: [%s]", p.Path, p.Op, strings.Join(paths, ", "))
}

func (t Table[R]) unsupported(r *Rule[R], p Op) error {
	switch {
	case t.Family == Listed:
		return unsupportedListed(p)
	case r.Hidden:
		return awsapi.BadRequest("Invalid patch path %s", p.Path)
	case r.Refusal != "":
		return awsapi.BadRequest("%s", r.Refusal)
	}
	return awsapi.BadRequest("Invalid patch operation specified. Must be one of: [%s]", strings.Join(r.Ops, ", "))
}

func unsupportedListed(p Op) error {
	return awsapi.BadRequest("Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", p.Path, p.Op)
}

// splitPath takes a path apart; each segment keeps its escapes.
func splitPath(path string) []string {
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

var unescaper = strings.NewReplacer("~1", "/", "~0", "~")

// Unescape undoes JSON Pointer's escapes.
func Unescape(segment string) string { return unescaper.Replace(segment) }

// matchPath matches the escaped segments of a path against a rule's path.
func matchPath(rule string, segments []string) (args []string, ok bool) {
	want := splitPath(rule)
	if len(want) != len(segments) {
		return nil, false
	}
	for i, w := range want {
		switch {
		case w == "{}" && segments[i] != "":
			args = append(args, Unescape(segments[i]))
		case w != segments[i]:
			return nil, false
		}
	}
	return args, true
}
