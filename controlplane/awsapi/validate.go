package awsapi

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Check tests the model's constraints on an input and gives AWS's one message for
// all violations, or nil. Body members come before URI, query and header members,
// each in the model's order.
func (m *Model) Check(operation string, in Shaped) *Error {
	v := violations{}
	sh := in.AWSShape()
	val := structOf(in)
	prefix := ""
	if m.MemberPathPrefix {
		prefix = lowerFirst(operation) + "Input"
	}
	for _, inBody := range []bool{true, false} {
		for i := range sh.Members {
			mem := &sh.Members[i]
			if (mem.In == InBody || mem.In == InPayload) != inBody {
				continue
			}
			path := lowerFirst(mem.Name)
			if inBody {
				path = join(prefix, path)
			}
			v.member(mem, val.Field(i), path)
		}
	}
	if len(v) == 0 {
		return nil
	}
	plural := "s"
	if len(v) == 1 {
		plural = ""
	}
	return m.constraint(fmt.Sprintf("%d validation error%s detected: %s", len(v), plural, strings.Join(v, "; ")))
}

// constraint is the error of an input that violates the model.
func (m *Model) constraint(message string) *Error {
	e := Validation(message)
	switch m.Protocol {
	case "query", "smithy-rpc-v2-cbor": // the latter is CloudWatch, which keeps its codes
		e.Code = "ValidationError"
	case "json":
		if m.Service != "acm" { // which has the usual code
			e.Code = "InvalidParameterException"
		}
	}
	return e
}

type violations []string

func (v *violations) add(value, path, rule string) {
	*v = append(*v, "Value "+value+" at '"+path+"' failed to satisfy constraint: "+rule)
}

func (v *violations) member(mem *Member, val reflect.Value, path string) {
	if isNil(val) {
		if mem.Required {
			v.add("null", path, "Member must not be null")
		}
		return
	}
	if len(mem.Enum) > 0 {
		v.scalar(&Shape{Type: String, Enum: mem.Enum}, deref(val), path)
	}
	v.value(mem.Shape, deref(val), path)
}

func (v *violations) value(sh *Shape, val reflect.Value, path string) {
	switch sh.Type {
	case Structure:
		for i := range sh.Members {
			v.member(&sh.Members[i], val.Field(i), path+"."+lowerFirst(sh.Members[i].Name))
		}
	case List:
		if rule := lengthRule(sh, val.Len()); rule != "" {
			v.add("'"+printed(val)+"'", path, rule)
		}
		if isComplex(sh.Elem) {
			for i := range val.Len() {
				v.value(sh.Elem, val.Index(i), path+"."+strconv.Itoa(i+1)+".member")
			}
			return
		}
		for i := range val.Len() {
			if len(broken(sh.Elem, val.Index(i))) > 0 {
				v.add("'"+printed(val)+"'", path, "Member must satisfy constraint: ["+strings.Join(allRules(sh.Elem), ", ")+"]")
				return
			}
		}
	case Map:
		if rule := lengthRule(sh, val.Len()); rule != "" {
			v.add("'"+printed(val)+"'", path, rule)
		}
		v.mapEntries(sh, val, path)
	default:
		v.scalar(sh, val, path)
	}
}

func (v *violations) mapEntries(sh *Shape, val reflect.Value, path string) {
	for _, k := range sortedKeys(val) {
		if len(broken(sh.Key, reflect.ValueOf(k))) > 0 {
			v.add("'"+printed(val)+"'", path, "Map keys must satisfy constraint: ["+strings.Join(allRules(sh.Key), ", ")+"]")
			break
		}
	}
	for _, k := range sortedKeys(val) {
		e := val.MapIndex(reflect.ValueOf(k))
		if isComplex(sh.Elem) {
			v.value(sh.Elem, e, path+"."+k+".member")
			continue
		}
		if len(broken(sh.Elem, e)) > 0 {
			v.add("'"+printed(val)+"'", path, "Map value must satisfy constraint: ["+strings.Join(allRules(sh.Elem), ", ")+"]")
			break
		}
	}
}

func (v *violations) scalar(sh *Shape, val reflect.Value, path string) {
	for _, rule := range broken(sh, val) {
		v.add("'"+printed(val)+"'", path, rule)
	}
}

// broken lists the rules that a scalar violates.
func broken(sh *Shape, val reflect.Value) []string {
	var out []string
	switch sh.Type {
	case String:
		s := val.String()
		if rule := lengthRule(sh, utf8.RuneCountInString(s)); rule != "" {
			out = append(out, rule)
		}
		if sh.Pattern != "" && !matchPattern(sh.Pattern, s) {
			out = append(out, "Member must satisfy regular expression pattern: "+sh.Pattern)
		}
		if len(sh.Enum) > 0 && !contains(sh.Enum, s) {
			out = append(out, "Member must satisfy enum value set: ["+strings.Join(sh.Enum, ", ")+"]")
		}
	case Blob:
		if rule := lengthRule(sh, val.Len()); rule != "" {
			out = append(out, rule)
		}
	case Integer, Long:
		out = rangeRule(sh, float64(val.Int()))
	case Float:
		out = rangeRule(sh, val.Float())
	}
	return out
}

// allRules lists every rule of an element shape: AWS prints them all when one
// element of a list or map is wrong.
func allRules(sh *Shape) []string {
	var out []string
	noun := "length"
	if sh.Type == Integer || sh.Type == Long || sh.Type == Float {
		noun = "value"
	}
	if sh.HasMax {
		out = append(out, "Member must have "+noun+" less than or equal to "+bound(sh, sh.Max))
	}
	if sh.HasMin {
		out = append(out, "Member must have "+noun+" greater than or equal to "+bound(sh, sh.Min))
	}
	if sh.Pattern != "" {
		out = append(out, "Member must satisfy regular expression pattern: "+sh.Pattern)
	}
	if len(sh.Enum) > 0 {
		out = append(out, "Member must satisfy enum value set: ["+strings.Join(sh.Enum, ", ")+"]")
	}
	return out
}

func lengthRule(sh *Shape, n int) string {
	switch {
	case sh.HasMax && float64(n) > sh.Max:
		return "Member must have length less than or equal to " + bound(sh, sh.Max)
	case sh.HasMin && float64(n) < sh.Min:
		return "Member must have length greater than or equal to " + bound(sh, sh.Min)
	}
	return ""
}

func rangeRule(sh *Shape, n float64) []string {
	switch {
	case sh.HasMax && n > sh.Max:
		return []string{"Member must have value less than or equal to " + bound(sh, sh.Max)}
	case sh.HasMin && n < sh.Min:
		return []string{"Member must have value greater than or equal to " + bound(sh, sh.Min)}
	}
	return nil
}

func bound(sh *Shape, f float64) string {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if sh.Type == Float && !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// printed shows a value as Java's toString does: [a, b], {k=v}.
func printed(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return string(v.Bytes())
		}
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = printed(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Map:
		parts := make([]string, 0, v.Len())
		for _, k := range sortedKeys(v) {
			parts = append(parts, k+"="+printed(v.MapIndex(reflect.ValueOf(k))))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.Float64:
		return bound(&Shape{Type: Float}, v.Float())
	}
	return fmt.Sprint(v.Interface())
}

func isComplex(sh *Shape) bool {
	return sh.Type == Structure || sh.Type == List || sh.Type == Map
}

func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	}
	return false
}

func deref(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Pointer {
		return v.Elem()
	}
	return v
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
