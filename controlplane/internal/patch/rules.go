package patch

import (
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
)

// Text is the rule for a plain text member.
func Text[R any](path string, member func(rec R) *string) Rule[R] {
	return Rule[R]{Path: path, Ops: Replace, Apply: func(rec R, p Op) error {
		*member(rec) = p.Value
		return nil
	}}
}

// Enum is the rule for a text member with a fixed set of values.
func Enum[R any](path string, values []string, member func(rec R) *string) Rule[R] {
	return Rule[R]{Path: path, Ops: Replace, Apply: func(rec R, p Op) error {
		if !slices.Contains(values, p.Value) {
			// unverified against AWS: the text.
			return awsapi.BadRequest("Invalid value specified for %s: %s", path[1:], p.Value)
		}
		*member(rec) = p.Value
		return nil
	}}
}

// Values are what the model allows for a member of an operation's input.
func Values(input awsapi.Shaped, member string) []string {
	shape := input.AWSShape()
	for i := range shape.Members {
		if strings.EqualFold(shape.Members[i].Name, member) {
			return shape.Members[i].Shape.Enum
		}
	}
	return nil
}

// Map is the rule for the entries of a map of texts; check may refuse a key or a
// value. AWS: a map that loses its last entry is gone.
func Map[R any](path string, member func(rec R) *map[string]string, check func(rec R, p Op) error) Rule[R] {
	return Rule[R]{Path: path + "/{}", Ops: AddReplaceRemove, Apply: func(rec R, p Op) error {
		m := member(rec)
		if p.Op == "remove" {
			delete(*m, p.Arg())
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
		(*m)[p.Arg()] = p.Value
		return nil
	}}
}

// MustExist refuses to replace or remove an entry that is not there.
func MustExist[R any](missing error, rule Rule[R], member func(rec R) map[string]string) Rule[R] {
	apply := rule.Apply
	rule.Apply = func(rec R, p Op) error {
		if _, ok := member(rec)[p.Arg()]; !ok && p.Op != "add" {
			return missing
		}
		return apply(rec, p)
	}
	return rule
}
