package store

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// rows is the untyped content of a table. Its rows stand in families, each in
// insertion order: the children of one parent are found without a look at those of
// others.
type rows struct {
	byKey  map[rowKey]*row
	scopes map[Scope]families
}

type orderedRow struct {
	key string
	*row
}

// families are one scope's rows by the head of their key.
type families map[string][]*orderedRow

func newRows() *rows { return &rows{byKey: map[rowKey]*row{}, scopes: map[Scope]families{}} }

// head is the part of a key, or of a prefix of keys, that names the parent: up to
// the first slash. Keys without a slash are one family.
func head(key string) string { return key[:strings.IndexByte(key, '/')+1] }

// list gives a scope's rows whose key starts with prefix, in insertion order. The
// answer may be the table's own: it is not to be changed, nor kept over a change.
func (r *rows) list(s Scope, prefix string) []*orderedRow {
	if r == nil {
		return nil
	}
	if h := head(prefix); h != "" {
		if h == prefix {
			return r.scopes[s][h]
		}
		return withPrefix(nil, r.scopes[s][h], prefix)
	}
	var out []*orderedRow
	for _, family := range r.scopes[s] {
		out = withPrefix(out, family, prefix)
	}
	sortBySeq(out)
	return out
}

// count is the length of list, without the list where whole families are counted.
func (r *rows) count(s Scope, prefix string) int {
	switch {
	case r == nil:
		return 0
	case prefix != "" && head(prefix) != prefix:
		return len(r.list(s, prefix))
	case prefix != "":
		return len(r.scopes[s][prefix])
	}
	n := 0
	for _, family := range r.scopes[s] {
		n += len(family)
	}
	return n
}

func withPrefix(out, list []*orderedRow, prefix string) []*orderedRow {
	for _, o := range list {
		if strings.HasPrefix(o.key, prefix) {
			out = append(out, o)
		}
	}
	return out
}

func sortBySeq(list []*orderedRow) {
	bySeq := func(a, b *orderedRow) int { return cmp.Compare(a.seq, b.seq) }
	if !slices.IsSortedFunc(list, bySeq) {
		slices.SortFunc(list, bySeq)
	}
}

// load appends a row; sort puts what was loaded in order.
func (r *rows) load(key rowKey, n *row) {
	r.byKey[key] = n
	f := r.family(key)
	f[head(key.key)] = append(f[head(key.key)], &orderedRow{key.key, n})
}

func (r *rows) sort() {
	for _, f := range r.scopes {
		for _, list := range f {
			sortBySeq(list)
		}
	}
}

func (r *rows) family(key rowKey) families {
	f := r.scopes[key.scope]
	if f == nil {
		f = families{}
		r.scopes[key.scope] = f
	}
	return f
}

// set makes the row at key n (nil: none) in place of old and keeps the family's
// order. Sequence numbers ascend, so an insertion is an append but for a rollback.
func (r *rows) set(key rowKey, old, n *row) {
	if old == nil && n == nil {
		return
	}
	f, h := r.family(key), head(key.key)
	list, present := f[h], n
	if n == nil {
		present = old
	}
	at := sort.Search(len(list), func(i int) bool { return list[i].seq >= present.seq })
	switch {
	case n == nil:
		delete(r.byKey, key)
		if f[h] = slices.Delete(list, at, at+1); len(f[h]) == 0 {
			delete(f, h)
		}
	case old == nil:
		r.byKey[key] = n
		f[h] = slices.Insert(list, at, &orderedRow{key.key, n})
	default:
		r.byKey[key] = n
		list[at] = &orderedRow{key.key, n}
	}
}
