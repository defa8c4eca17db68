package event

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendString writes s as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendString[S string | []byte](dst []byte, s S) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...)
			start = i + 1
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// object writes the members of one JSON object.
type object struct{ dst []byte }

func open(dst []byte) object { return object{append(dst, '{')} }

func (o *object) key(name string) {
	if o.dst[len(o.dst)-1] != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(o.dst, '"')
	o.dst = append(o.dst, name...) // member names of the formats need no escape
	o.dst = append(o.dst, '"', ':')
}

// anyKey writes a name that came from outside.
func (o *object) anyKey(name string) {
	if o.dst[len(o.dst)-1] != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = appendString(o.dst, name)
	o.dst = append(o.dst, ':')
}

func (o *object) str(name, value string) {
	o.key(name)
	o.dst = appendString(o.dst, value)
}

func (o *object) strOrNull(name, value string) {
	if value == "" {
		o.null(name)
		return
	}
	o.str(name, value)
}

func (o *object) null(name string) {
	o.key(name)
	o.dst = append(o.dst, "null"...)
}

func (o *object) int(name string, n int64) {
	o.key(name)
	o.dst = strconv.AppendInt(o.dst, n, 10)
}

func (o *object) bool(name string, b bool) {
	o.key(name)
	o.dst = strconv.AppendBool(o.dst, b)
}

// json writes a value of any JSON type.
func (o *object) json(name string, v any) {
	o.anyKey(name)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		o.dst = append(o.dst, "null"...) // not made by a JSON decoder: nothing to show
		return
	}
	o.dst = append(o.dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

func (o *object) strings(name string, list []string) {
	o.key(name)
	o.dst = appendList(o.dst, list)
}

// stringMap writes a map with its keys in order.
func (o *object) stringMap(name string, m map[string]string) {
	o.key(name)
	in := open(o.dst)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		in.anyKey(k)
		in.dst = appendString(in.dst, m[k])
	}
	o.dst = in.close()
}

func (o *object) close() []byte { return append(o.dst, '}') }

func appendList(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, s)
	}
	return append(dst, ']')
}
