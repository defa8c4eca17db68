package awsapi

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// form is a form body as the tree that its dotted names spell: Tags.member.1.Key.
type form struct {
	value    string
	sent     bool // value was sent, if only empty
	children map[string]*form
}

// maxFormDepth is more than any input of the query protocol nests; deeper names
// are no member's.
const maxFormDepth = 16

func newForm(values url.Values) *form {
	root := &form{}
	for name, vals := range values {
		if strings.Count(name, ".") >= maxFormDepth {
			continue
		}
		n := root
		for part := range strings.SplitSeq(name, ".") {
			if n.children == nil {
				n.children = map[string]*form{}
			}
			if n.children[part] == nil {
				n.children[part] = &form{}
			}
			n = n.children[part]
		}
		n.value, n.sent = vals[0], true
	}
	return root
}

// at gives the node under a dotted name, or nil. It may be asked of nil.
func (n *form) at(parts ...string) *form {
	for _, part := range parts {
		if n == nil {
			return nil
		}
		n = n.children[part]
	}
	return n
}

// bindForm reads a structure's members: Name, List.member.N, Map.entry.N.key / .value.
func bindForm(sh *Shape, n *form, path string, v reflect.Value) error {
	for i := range sh.Members {
		mem := &sh.Members[i]
		if err := bindFormValue(mem.Shape, n.at(mem.Wire), join(path, mem.Name), v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func bindFormValue(sh *Shape, n *form, path string, f reflect.Value) error {
	if n == nil {
		return nil
	}
	switch sh.Type {
	case Structure:
		if len(n.children) == 0 {
			return nil
		}
		if f.Kind() == reflect.Pointer {
			f.Set(reflect.New(f.Type().Elem()))
			f = f.Elem()
		}
		return bindForm(sh, n, path, f)
	case List:
		return bindFormList(sh, n, path, f)
	case Map:
		return bindFormMap(sh, n, path, f)
	}
	if !n.sent {
		return nil
	}
	return bindText(sh, n.value, f, path)
}

func bindFormList(sh *Shape, n *form, path string, f reflect.Value) error {
	if n.sent { // an explicitly empty list
		f.Set(reflect.MakeSlice(f.Type(), 0, 0))
	}
	for i := 1; ; i++ {
		item := n.at("member", strconv.Itoa(i))
		if item == nil {
			return nil
		}
		e := reflect.New(f.Type().Elem()).Elem()
		if err := bindFormValue(sh.Elem, item, path+"."+strconv.Itoa(i)+".member", e); err != nil {
			return err
		}
		f.Set(reflect.Append(f, e))
	}
}

func bindFormMap(sh *Shape, n *form, path string, f reflect.Value) error {
	for i := 1; ; i++ {
		entry := n.at("entry", strconv.Itoa(i))
		key := entry.at("key")
		if key == nil || !key.sent {
			return nil
		}
		if f.IsNil() {
			f.Set(reflect.MakeMap(f.Type()))
		}
		e := reflect.New(f.Type().Elem()).Elem()
		if err := bindFormValue(sh.Elem, entry.at("value"), path+"."+key.value, e); err != nil {
			return err
		}
		f.SetMapIndex(reflect.ValueOf(key.value), e)
	}
}
