package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/postern/postern/internal/lazyregexp"
)

// encodeJSON writes a tree as AWS lays out its JSON: two spaces, a space on both
// sides of the colon, lists on their line.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	writePretty(&b, v, 0)
	return b.Bytes()
}

func writePretty(b *bytes.Buffer, v any, indent int) {
	switch v := v.(type) {
	case *object:
		if len(v.keys) == 0 {
			b.WriteString("{ }")
			return
		}
		b.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			newline(b, indent+1)
			b.Write(quote(k))
			b.WriteString(" : ")
			writePretty(b, v.values[k], indent+1)
		}
		newline(b, indent)
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte(' ')
			writePretty(b, e, indent)
		}
		b.WriteString(" ]")
	default:
		writeScalar(b, v)
	}
}

func newline(b *bytes.Buffer, indent int) {
	b.WriteByte('\n')
	for range indent {
		b.WriteString("  ")
	}
}

// encodeCompact writes a tree without white space.
func encodeCompact(v any) []byte {
	var b bytes.Buffer
	writeCompact(&b, v)
	return b.Bytes()
}

func writeCompact(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case *object:
		b.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(quote(k))
			b.WriteByte(':')
			writeCompact(b, v.values[k])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCompact(b, e)
		}
		b.WriteByte(']')
	default:
		writeScalar(b, v)
	}
}

func writeScalar(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case string:
		b.Write(quote(v))
	case nil:
		b.WriteString("null")
	default:
		s, _ := scalar(v)
		b.WriteString(s)
	}
}

// quote writes a JSON string without the escapes that are for HTML, and with those
// that YAML wants.
func quote(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	quoted := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if !strings.ContainsFunc(s, unprintable) {
		return quoted
	}
	var out []byte
	for _, r := range string(quoted) {
		if unprintable(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// unprintable tells a character that JSON may have in a string and YAML may not.
func unprintable(r rune) bool {
	return r >= 0x7f && r <= 0x9f || r == 0xfeff || r == 0xfffe || r == 0xffff
}

// encodeYAML writes a tree as AWS writes YAML: every text in double quotes, lists
// not indented.
func encodeYAML(v any) []byte {
	var b bytes.Buffer
	b.WriteString("---\n")
	writeYAML(&b, v, 0, false)
	return b.Bytes()
}

// writeYAML writes a value that is not a scalar in block style; inline tells that
// its first line has been begun by the dash of a list.
func writeYAML(b *bytes.Buffer, v any, indent int, inline bool) {
	pad := strings.Repeat("  ", indent)
	switch v := v.(type) {
	case *object:
		for i, k := range v.keys {
			if i > 0 || !inline {
				b.WriteString(pad)
			}
			b.WriteString(yamlKey(k))
			b.WriteByte(':')
			writeYAMLMember(b, v.values[k], indent)
		}
	case []any:
		for i, e := range v {
			if i > 0 || !inline {
				b.WriteString(pad)
			}
			b.WriteString("- ")
			if isBlock(e) {
				writeYAML(b, e, indent+1, true)
			} else {
				writeFlow(b, e)
				b.WriteByte('\n')
			}
		}
	}
}

func writeYAMLMember(b *bytes.Buffer, v any, indent int) {
	if !isBlock(v) {
		b.WriteByte(' ')
		writeFlow(b, v)
		b.WriteByte('\n')
		return
	}
	b.WriteByte('\n')
	if _, ok := v.(*object); ok {
		indent++
	}
	writeYAML(b, v, indent, false)
}

func isBlock(v any) bool {
	switch v := v.(type) {
	case *object:
		return len(v.keys) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

// writeFlow writes a scalar or an empty collection; JSON's forms are YAML's too.
func writeFlow(b *bytes.Buffer, v any) { writeCompact(b, v) }

var (
	plainKey    = lazyregexp.New(`^[A-Za-z/$_][A-Za-z0-9/$_.{}+-]*$`)
	reservedKey = lazyregexp.New(`(?i)^(y|n|yes|no|on|off|true|false|null)$`)
)

// yamlKey writes a key plainly where it cannot be taken for anything else.
func yamlKey(k string) string {
	if plainKey().MatchString(k) && !reservedKey().MatchString(k) {
		return k
	}
	return string(quote(k))
}
