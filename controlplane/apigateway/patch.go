package apigateway

import (
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// patch is one PATCH operation on its way to a rule.
type patch struct {
	op, path, value, from string
	hasValue              bool
	args                  []string // what the rule's {} segments matched, unescaped
}

// arg is what the rule's first {} matched.
func (p patch) arg() string { return p.args[0] }

// truth is AWS's reading of a boolean: whatever is not "true" is false, silently.
func (p patch) truth() bool { return strings.EqualFold(p.value, "true") }

// patchFamily names one of the ways in which AWS words a refusal. A Stage has
// words of its own, see stages_patch.go.
type patchFamily uint8

const (
	familyListed patchFamily = iota // Resource, Model, RequestValidator, …: lists the paths
	familyBare                      // RestApi, Method, GatewayResponse, …: names the path only
)

// patchRule says what may be done at one path. A {} segment matches any one
// segment.
type patchRule[R any] struct {
	path  string
	ops   []string
	apply func(rec R, p patch) error
	// unlisted keeps the path out of a listed family's text.
	unlisted bool
	// hidden answers an unsupported operation as if the path were unknown.
	hidden bool
	// refusal is the text for an unsupported operation where AWS has a special one.
	refusal string
}

// patchTable is everything that a resource's PATCH accepts.
type patchTable[R any] struct {
	family patchFamily
	rules  []patchRule[R]
}

var (
	opReplace          = []string{"replace"}
	opAddRemove        = []string{"add", "remove"}
	opAddReplace       = []string{"add", "replace"}
	opAddReplaceRemove = []string{"add", "replace", "remove"}
)

// apply runs the operations in order. The first refusal ends the request, whose
// transaction then keeps none of them.
func (t patchTable[R]) apply(rec R, ops []wire.PatchOperation) error {
	for _, o := range ops {
		p := patch{
			op: awsapi.Val(o.Op), path: awsapi.Val(o.Path), value: awsapi.Val(o.Value), from: awsapi.Val(o.From),
			hasValue: o.Value != nil,
		}
		if o.Path == nil {
			p.path = "null"
		}
		if err := t.one(rec, p); err != nil {
			return err
		}
	}
	return nil
}

func (t patchTable[R]) one(rec R, p patch) error {
	segments := splitPatchPath(p.path)
	for i := range t.rules {
		r := &t.rules[i]
		args, ok := matchPatchPath(r.path, segments)
		if !ok {
			continue
		}
		if !slices.Contains(r.ops, p.op) {
			return t.unsupported(r, p)
		}
		p.args = args
		return r.apply(rec, p)
	}
	return t.unknown(p)
}

func (t patchTable[R]) unknown(p patch) error {
	if t.family == familyBare {
		return awsapi.BadRequest("Invalid patch path %s", p.path)
	}
	if p.op != "replace" {
		return unsupportedListed(p)
	}
	var paths []string
	for _, r := range t.rules {
		if !r.unlisted {
			paths = append(paths, r.path)
		}
	}
	return awsapi.BadRequest("Invalid patch path  '%s' specified for op '%s'. Must be one of: [%s]", p.path, p.op, strings.Join(paths, ", "))
}

func (t patchTable[R]) unsupported(r *patchRule[R], p patch) error {
	if t.family == familyListed {
		return unsupportedListed(p)
	}
	switch {
	case r.hidden:
		return awsapi.BadRequest("Invalid patch path %s", p.path)
	case r.refusal != "":
		return awsapi.BadRequest("%s", r.refusal)
	}
	return awsapi.BadRequest("Invalid patch operation specified. Must be one of: [%s]", strings.Join(r.ops, ", "))
}

func unsupportedListed(p patch) error {
	return awsapi.BadRequest("Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", p.path, p.op)
}

// splitPatchPath takes a path apart; each segment keeps its escapes.
func splitPatchPath(path string) []string {
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

var patchUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// matchPatchPath matches the escaped segments of a path against a rule's path.
func matchPatchPath(rule string, segments []string) (args []string, ok bool) {
	want := splitPatchPath(rule)
	if len(want) != len(segments) {
		return nil, false
	}
	for i, w := range want {
		switch {
		case w == "{}" && segments[i] != "":
			args = append(args, patchUnescaper.Replace(segments[i]))
		case w != segments[i]:
			return nil, false
		}
	}
	return args, true
}

// replaceText is the rule for a plain text member.
func replaceText[R any](path string, member func(rec R) *string) patchRule[R] {
	return patchRule[R]{path: path, ops: opReplace, apply: func(rec R, p patch) error {
		*member(rec) = p.value
		return nil
	}}
}

// mapRule is the rule for the entries of a map of texts; check may refuse a key
// or value.
func mapRule[R any](path string, member func(rec R) *map[string]string, check func(rec R, p patch) error) patchRule[R] {
	return patchRule[R]{path: path + "/{}", ops: opAddReplaceRemove, apply: func(rec R, p patch) error {
		m := member(rec)
		if p.op == "remove" {
			delete(*m, p.arg())
			if len(*m) == 0 {
				*m = nil
			}
			return nil
		}
		if check != nil {
			if err := check(rec, p); err != nil {
				return err
			}
		}
		if *m == nil {
			*m = map[string]string{}
		}
		(*m)[p.arg()] = p.value
		return nil
	}}
}
