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
	switch sh.Type {
	case Structure:
		if m, ok := src.(map[string]any); ok {
			return bindMembers(sh, m, dst, path)
		}
	case Map:
		if m, ok := src.(map[string]any); ok {
			return bindMap(sh, m, dst, path)
		}
	case List:
		if l, ok := src.([]any); ok {
			return bindList(sh, l, dst, path)
		}
	case EventStream:
		return nil
	default:
		if bindScalar(sh.Type, src, dst) {
			return nil
		}
	}
	return &mistyped{path: path, have: src, want: sh.Type}
}

func bindMembers(sh *Shape, src map[string]any, dst reflect.Value, path string) error {
	for i := range sh.Members {
		mem := &sh.Members[i]
		if v, ok := src[mem.Wire]; ok && mem.In == InBody {
			if err := bindValue(mem.Shape, v, dst.Field(i), join(path, mem.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func bindMap(sh *Shape, src map[string]any, dst reflect.Value, path string) error {
	out := reflect.MakeMapWithSize(dst.Type(), len(src))
	for k, v := range src {
		e := reflect.New(dst.Type().Elem()).Elem()
		if err := bindValue(sh.Elem, v, e, path+"."+k); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(k), e)
	}
	dst.Set(out)
	return nil
}

func bindList(sh *Shape, src []any, dst reflect.Value, path string) error {
	out := reflect.MakeSlice(dst.Type(), len(src), len(src))
	for i, v := range src {
		if err := bindValue(sh.Elem, v, out.Index(i), path+"."+strconv.Itoa(i+1)+".member"); err != nil {
			return err
		}
	}
	dst.Set(out)
	return nil
}

// bindScalar tells whether the value becomes the type.
func bindScalar(t Type, src any, dst reflect.Value) (ok bool) {
	switch t {
	case Blob:
		return bindBlob(src, dst)
	case Document:
		dst.Set(reflect.ValueOf(src))
		return true
	case Timestamp:
		var at time.Time
		if at, ok = parseTime(src); ok {
			dst.Set(reflect.ValueOf(at))
		}
	case Boolean:
		var b bool
		if b, ok = src.(bool); ok {
			dst.SetBool(b)
		}
	case Integer, Long:
		var n int64
		if n, ok = integer(src); ok {
			dst.SetInt(n)
		}
	case Float:
		var f float64
		if f, ok = number(src); ok {
			dst.SetFloat(f)
		}
	case String:
		var s string
		if s, ok = src.(string); ok {
			dst.SetString(s)
		}
	}
	return ok
}

// bindBlob takes bytes, as CBOR has them, or base64.
func bindBlob(src any, dst reflect.Value) bool {
	b, ok := src.([]byte)
	if text, isText := src.(string); isText {
		var err error
		b, err = base64.StdEncoding.DecodeString(text)
		ok = err == nil
	}
	if ok {
		dst.SetBytes(b)
	}
	return ok
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
