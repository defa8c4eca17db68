package openapi

import (
	"strconv"
	"strings"
)

const maxReferences = 32

// deref follows $ref until it finds an object. A reference that leads nowhere, in a
// circle or out of the document gives nil: AWS reads no other files.
func (p *parser) deref(v any) *object {
	o, _ := v.(*object)
	for range maxReferences {
		if o == nil {
			return nil
		}
		ref, ok := o.get("$ref").(string)
		if !ok {
			return o
		}
		if o, _ = p.resolve(ref).(*object); !p.spend(o) {
			return nil
		}
	}
	return nil
}

var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~").Replace

// resolve finds what a JSON pointer into the document names.
func (p *parser) resolve(ref string) any {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	var v any = p.root
	for part := range strings.SplitSeq(pointer, "/") {
		part = unescapePointer(part)
		switch at := v.(type) {
		case *object:
			v = at.get(part)
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}
