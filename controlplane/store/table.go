package store

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Table names a set of records of one type. T must survive encoding/json.
type Table[T any] struct{ name string }

// NewTable declares a table. The name is its identity on disk: keep it.
func NewTable[T any](name string) Table[T] { return Table[T]{name: name} }

// Get gives the record at key, not to be changed, or false.
func (t Table[T]) Get(tx *Tx, s Scope, key string) (*T, bool) {
	r := tx.rows(t.name)
	if r == nil {
		return nil, false
	}
	got := r.byKey[rowKey{s, key}]
	if got == nil {
		return nil, false
	}
	return t.record(got), true
}

// Put stores rec at key, new or in place of what was there. rec must not be
// changed afterwards.
func (t Table[T]) Put(tx *Tx, s Scope, key string, rec *T) {
	mustWrite(tx)
	tx.put(t.name, rowKey{s, key}, rec)
}

// Edit gives a deep copy of the record at key and stores the copy: change it
// inside the transaction. false when there is none.
func (t Table[T]) Edit(tx *Tx, s Scope, key string) (*T, bool) {
	have, ok := t.Get(tx, s, key)
	if !ok {
		return nil, false
	}
	c := Clone(have)
	t.Put(tx, s, key, c)
	return c, true
}

// Delete removes the record at key and tells whether there was one.
func (t Table[T]) Delete(tx *Tx, s Scope, key string) bool {
	mustWrite(tx)
	return tx.remove(t.name, rowKey{s, key})
}

// List gives the scope's records whose key starts with prefix, in insertion order.
func (t Table[T]) List(tx *Tx, s Scope, prefix string) []*T {
	list := tx.rows(t.name).list(s, prefix)
	if len(list) == 0 {
		return nil
	}
	out := make([]*T, len(list))
	for i, o := range list {
		out[i] = t.record(o.row)
	}
	return out
}

// Len counts the scope's records whose key starts with prefix.
func (t Table[T]) Len(tx *Tx, s Scope, prefix string) int { return tx.rows(t.name).count(s, prefix) }

// DeletePrefix removes the scope's records whose key starts with prefix.
func (t Table[T]) DeletePrefix(tx *Tx, s Scope, prefix string) {
	mustWrite(tx)
	// The list may be the table's own, which shrinks as rows go.
	tx.removeAll(t.name, s, slices.Clone(tx.rows(t.name).list(s, prefix)))
}

// Entry is a record with its scope and key.
type Entry[T any] struct {
	Scope Scope
	Key   string
	Rec   *T
}

// All gives the records of every scope, scope by scope in no particular order:
// for rebuilding derived state at start.
func (t Table[T]) All(tx *Tx) []Entry[T] {
	r := tx.rows(t.name)
	if r == nil {
		return nil
	}
	var out []Entry[T]
	for s := range r.scopes {
		for _, o := range r.list(s, "") {
			out = append(out, Entry[T]{Scope: s, Key: o.key, Rec: t.record(o.row)})
		}
	}
	return out
}

// record gives the row's typed record, decoding what came from disk once. Readers
// may race to decode; the first one's record stays.
func (t Table[T]) record(r *row) *T {
	if rec := r.rec.Load(); rec != nil {
		return rec.(*T)
	}
	rec := new(T)
	if err := json.Unmarshal(r.raw, rec); err != nil {
		// Written by this program; only a changed record type gets here.
		panic(fmt.Sprintf("store: table %s: record does not decode: %v", t.name, err))
	}
	r.rec.CompareAndSwap(nil, rec)
	return r.rec.Load().(*T)
}

func mustWrite(tx *Tx) {
	if !tx.writable {
		panic("store: write in a read-only transaction")
	}
}
