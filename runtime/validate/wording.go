package validate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

var printer = message.NewPrinter(language.English)

// collect words the violations at the leaves.
func collect(doc any, e *jsonschema.ValidationError, out *[]string) {
	if len(e.Causes) == 0 {
		*out = append(*out, word(doc, e))
	}
	for _, c := range e.Causes {
		collect(doc, c, out)
	}
}

// word says a violation in the words of AWS's validator, so far as they are known.
//
// unverified against AWS: all but those of types, enums and missing properties.
func word(doc any, e *jsonschema.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return "object has missing required properties (" + list(k.Missing) + ")"
	case *kind.Type:
		return "instance type (" + typeOf(doc, e.InstanceLocation, k.Got) + ") does not match any allowed primitive type (allowed: " + list(k.Want) + ")"
	case *kind.Enum:
		return "instance value (" + text(k.Got) + ") not found in enum (possible values: " + list(k.Want) + ")"
	case *kind.AdditionalProperties:
		return "object instance has properties which are not allowed by the schema: " + list(k.Properties)
	case *kind.Minimum:
		return "numeric instance is lower than the required minimum (minimum: " + number(k.Want) + ", found: " + number(k.Got) + ")"
	case *kind.Maximum:
		return "numeric instance is greater than the required maximum (maximum: " + number(k.Want) + ", found: " + number(k.Got) + ")"
	case *kind.MinLength:
		return fmt.Sprintf("string %s is too short (length: %d, required minimum: %d)", text(instance(doc, e.InstanceLocation)), k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string %s is too long (length: %d, maximum allowed: %d)", text(instance(doc, e.InstanceLocation)), k.Got, k.Want)
	case *kind.Pattern:
		return "ECMA 262 regex " + text(k.Want) + " does not match input string " + text(k.Got)
	case *kind.MinItems:
		return fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.UniqueItems:
		return "array must not contain duplicate elements"
	}
	return e.ErrorKind.LocalizedString(printer)
}

// typeOf is JSON's type of a value; whole numbers are integers.
func typeOf(doc any, location []string, got string) string {
	if n, ok := instance(doc, location).(json.Number); ok && !strings.ContainsAny(n.String(), ".eE") {
		return "integer"
	}
	return got
}

// instance is the value at a location of the document; nil: there is none.
func instance(doc any, location []string) any {
	for _, step := range location {
		switch at := doc.(type) {
		case map[string]any:
			doc = at[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			doc = at[i]
		default:
			return nil
		}
	}
	return doc
}

// list writes values as JSON, names in their order.
func list[T any](values []T) string {
	if names, ok := any(values).([]string); ok {
		names = slices.Sorted(slices.Values(names))
		return text(names)
	}
	return text(values)
}

// text writes a value as JSON.
func text(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "?"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// digits bounds how exactly a fraction is shown.
const digits = 10

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(digits), "0")
}
