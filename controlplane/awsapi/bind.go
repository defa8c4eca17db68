package awsapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// A mistyped is a value that cannot become the member's type.
type mistyped struct {
	path string
	have any
	want Type
}

func (e *mistyped) Error() string {
	return fmt.Sprintf("%s can not be converted to %s", javaClass(e.have), javaWant(e.want))
}

// javaClass names the value as AWS's serialisation errors do.
func javaClass(v any) string {
	switch v.(type) {
	case bool:
		return "class java.lang.Boolean"
	case string:
		return "class java.lang.String"
	case json.Number, float64, int64, uint64:
		return "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
	case []any:
		return "class java.util.ArrayList"
	}
	return "class java.util.HashMap"
}

func javaWant(t Type) string {
	switch t {
	case String, Timestamp:
		return "an String"
	case Integer:
		return "an Integer"
	case Long:
		return "a Long"
	case Float:
		return "a Double"
	case Boolean:
		return "an Boolean"
	case List:
		return "a List"
	case Blob:
		return "a Blob"
	}
	return "a Map"
}

// bindValue puts a decoded JSON or CBOR value into dst, a settable field of the
// generated type for sh. null counts as not sent.
func bindValue(sh *Shape, src any, dst reflect.Value, path string) error {
	if src == nil {
		return nil
	}
	if dst.Kind() == reflect.Pointer {
		p := reflect.New(dst.Type().Elem())
		if err := bindValue(sh, src, p.Elem(), path); err != nil {
			return err
		}
		dst.Set(p)
		return nil
	}
	bad := &mistyped{path: path, have: src, want: sh.Type}
	switch sh.Type {
	case Structure:
		m, ok := src.(map[string]any)
		if !ok {
			return bad
		}
		for i := range sh.Members {
			mem := &sh.Members[i]
			if v, ok := m[mem.Wire]; ok && mem.In == InBody {
				if err := bindValue(mem.Shape, v, dst.Field(i), join(path, mem.Name)); err != nil {
					return err
				}
			}
		}
	case List:
		l, ok := src.([]any)
		if !ok {
			return bad
		}
		out := reflect.MakeSlice(dst.Type(), len(l), len(l))
		for i, v := range l {
			if err := bindValue(sh.Elem, v, out.Index(i), path+"."+strconv.Itoa(i+1)+".member"); err != nil {
				return err
			}
		}
		dst.Set(out)
	case Map:
		m, ok := src.(map[string]any)
		if !ok {
			return bad
		}
		out := reflect.MakeMapWithSize(dst.Type(), len(m))
		for k, v := range m {
			e := reflect.New(dst.Type().Elem()).Elem()
			if err := bindValue(sh.Elem, v, e, path+"."+k); err != nil {
				return err
			}
			out.SetMapIndex(reflect.ValueOf(k), e)
		}
		dst.Set(out)
	case Blob:
		switch v := src.(type) {
		case []byte:
			dst.SetBytes(v)
		case string:
			b, err := base64.StdEncoding.DecodeString(v)
			if err != nil {
				return bad
			}
			dst.SetBytes(b)
		default:
			return bad
		}
	case Document:
		dst.Set(reflect.ValueOf(src))
	case Timestamp:
		t, ok := parseTime(src)
		if !ok {
			return bad
		}
		dst.Set(reflect.ValueOf(t))
	case Boolean:
		b, ok := src.(bool)
		if !ok {
			return bad
		}
		dst.SetBool(b)
	case Integer, Long:
		n, ok := integer(src)
		if !ok {
			return bad
		}
		dst.SetInt(n)
	case Float:
		f, ok := number(src)
		if !ok {
			return bad
		}
		dst.SetFloat(f)
	case String:
		s, ok := src.(string)
		if !ok {
			return bad
		}
		dst.SetString(s)
	}
	return nil
}

// bindText puts text (a path segment, query value, header, form value) into dst.
func bindText(sh *Shape, text string, dst reflect.Value, path string) error {
	switch sh.Type {
	case Boolean:
		if b, err := strconv.ParseBool(strings.ToLower(text)); err == nil {
			return bindValue(sh, b, dst, path)
		}
		return &mistyped{path: path, have: text, want: sh.Type}
	case Integer, Long, Float:
		if bindValue(sh, json.Number(text), dst, path) != nil {
			return &mistyped{path: path, have: text, want: sh.Type}
		}
		return nil
	}
	return bindValue(sh, text, dst, path)
}

// integer reads whole numbers exactly; AWS truncates others.
func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case uint64:
		return int64(n), n <= math.MaxInt64
	case json.Number:
		if i, err := n.Int64(); err == nil {
			return i, true
		}
	}
	f, ok := number(v)
	if !ok || !(math.Abs(f) < 1<<63) {
		return 0, false
	}
	return int64(f), true
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case json.Number:
		f, err := n.Float64()
		return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
	case float64:
		return n, true
	case float32:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	}
	return 0, false
}

func parseTime(v any) (time.Time, bool) {
	switch t := v.(type) {
	case time.Time:
		return t.UTC(), true
	case string:
		for _, layout := range []string{time.RFC3339Nano, time.RFC1123, "2006-01-02"} {
			if p, err := time.Parse(layout, t); err == nil {
				return p.UTC(), true
			}
		}
		v = json.Number(t)
	}
	f, ok := number(v)
	if !ok || !(f >= minTime && f < maxTime) {
		return time.Time{}, false
	}
	sec, frac := math.Modf(f)
	return time.Unix(int64(sec), int64(frac*1e9)).UTC(), true
}

// The years 1 to 9999, which every form of a timestamp can show.
const (
	minTime = -62135596800
	maxTime = 253402300800
)

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
