package openapi

import (
	"encoding/json"
	"strings"
)

// A document is read into, and written from, a tree of *object, []any, string,
// json.Number, bool and nil. Objects keep the order of their members, which AWS
// shows again in models and exports.

type object struct {
	keys   []string
	values map[string]any
}

func newObject() *object { return &object{values: map[string]any{}} }

func (o *object) set(key string, value any) *object {
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
	return o
}

// put sets a text that is not empty.
func (o *object) put(key, value string) *object {
	if value != "" {
		o.set(key, value)
	}
	return o
}

func (o *object) delete(key string) {
	if _, ok := o.values[key]; !ok {
		return
	}
	delete(o.values, key)
	for i, k := range o.keys {
		if k == key {
			o.keys = append(o.keys[:i:i], o.keys[i+1:]...)
			return
		}
	}
}

// The readers below take a nil object for an empty one and a member of the wrong
// type for a missing one, as AWS's importer does.

func (o *object) get(key string) any {
	if o == nil {
		return nil
	}
	return o.values[key]
}

func (o *object) has(key string) bool {
	if o == nil {
		return false
	}
	_, ok := o.values[key]
	return ok
}

func (o *object) members() []string {
	if o == nil {
		return nil
	}
	return o.keys
}

func (o *object) object(key string) *object {
	v, _ := o.get(key).(*object)
	return v
}

func (o *object) list(key string) []any {
	v, _ := o.get(key).([]any)
	return v
}

// text gives a scalar as text: AWS takes 200 for "200" and 1 for "1".
func (o *object) text(key string) string {
	s, _ := scalar(o.get(key))
	return s
}

func (o *object) truth(key string) bool { return strings.EqualFold(o.text(key), "true") }

func (o *object) texts(key string) []string { return texts(o.get(key)) }

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		if s, ok := scalar(e); ok {
			out = append(out, s)
		}
	}
	return out
}

// scalar gives the text of a string, number or boolean.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// integer gives a whole number, also one that is written as a text.
func integer(v any) (int, bool) {
	s, ok := scalar(v)
	if !ok {
		return 0, false
	}
	n, err := json.Number(strings.TrimSpace(s)).Int64()
	return int(n), err == nil
}

func (o *object) integer(key string) *int {
	if n, ok := integer(o.get(key)); ok {
		return &n
	}
	return nil
}

func (o *object) boolean(key string) *bool {
	if s, ok := scalar(o.get(key)); ok {
		b := strings.EqualFold(s, "true")
		return &b
	}
	return nil
}

// weight is how much memory a value needs, in nodes.
func weight(v any) int {
	n := 1
	switch v := v.(type) {
	case string:
		n += len(v) / nodeBytes
	case []any:
		for _, e := range v {
			n += weight(e)
		}
	case *object:
		for _, k := range v.members() {
			n += len(k)/nodeBytes + weight(v.values[k])
		}
	}
	return n
}

// rewrite gives a copy of a value with every text replaced.
func rewrite(v any, replace func(string) string) any {
	switch v := v.(type) {
	case string:
		return replace(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = rewrite(e, replace)
		}
		return out
	case *object:
		out := newObject()
		for _, k := range v.keys {
			out.set(k, rewrite(v.values[k], replace))
		}
		return out
	}
	return v
}
