package awsapi

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"sort"
	"strconv"
	"time"
	"unicode/utf8"
)

// jsonEncoder appends shapes as AWS's JSON: absent members are left out, never null.
type jsonEncoder struct {
	isoTimes bool // services whose body timestamps default to ISO text
}

func (e jsonEncoder) structure(b []byte, sh *Shape, v reflect.Value) []byte {
	b = append(b, '{')
	first := true
	for i := range sh.Members {
		mem := &sh.Members[i]
		f := v.Field(i)
		if mem.In != InBody || isNil(f) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = appendString(b, mem.Wire)
		b = append(b, ':')
		b = e.value(b, mem.Shape, deref(f))
	}
	return append(b, '}')
}

func (e jsonEncoder) value(b []byte, sh *Shape, v reflect.Value) []byte {
	switch sh.Type {
	case Structure:
		return e.structure(b, sh, v)
	case List:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.value(b, sh.Elem, v.Index(i))
		}
		return append(b, ']')
	case Map:
		b = append(b, '{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, k)
			b = append(b, ':')
			b = e.value(b, sh.Elem, v.MapIndex(reflect.ValueOf(k)))
		}
		return append(b, '}')
	case String:
		return appendString(b, v.String())
	case Blob:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v.Bytes())
		return append(b, '"')
	case Boolean:
		return strconv.AppendBool(b, v.Bool())
	case Integer, Long:
		return strconv.AppendInt(b, v.Int(), 10)
	case Float:
		return appendFloat(b, v.Float())
	case Timestamp:
		return e.time(b, sh, v.Interface().(time.Time))
	}
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, raw...)
}

func (e jsonEncoder) time(b []byte, sh *Shape, t time.Time) []byte {
	if sh.TimestampFormat == "iso8601" || (sh.TimestampFormat == "" && e.isoTimes) {
		b = append(b, '"')
		b = t.UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
		return append(b, '"')
	}
	return appendFloat(b, float64(t.UnixMilli())/1000)
}

func appendFloat(b []byte, f float64) []byte {
	switch { // which JSON has no numbers for
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.AppendInt(b, int64(f), 10)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

const hexDigits = "0123456789abcdef"

// NullText as a string value is written as JSON null: API Gateway v1 shows an empty
// template that way.
const NullText = "\x00null"

func appendString(b []byte, s string) []byte {
	if s == NullText {
		return append(b, "null"...)
	}
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		case c < utf8.RuneSelf:
			b = append(b, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += n
			continue
		}
		i++
	}
	return append(b, '"')
}

func sortedKeys(m reflect.Value) []string {
	keys := make([]string, 0, m.Len())
	for _, k := range m.MapKeys() {
		keys = append(keys, k.String())
	}
	sort.Strings(keys)
	return keys
}
