package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"sync/atomic"
)

// Tx is one transaction. It is valid only inside the function it was handed to.
type Tx struct {
	db       *DB
	writable bool
	log      []change // for rollback and for the disk
}

type rowKey struct {
	scope Scope
	key   string
}

type row struct {
	seq uint64       // insertion order; kept when the record is replaced
	rec atomic.Value // *T of the table
	raw []byte       // as loaded from disk; decoded when first asked for
}

type change struct {
	table string
	key   rowKey
	old   *row // nil: was not there
	new   *row // nil: deleted
}

// rows is the untyped content of a table; order holds each scope's rows by seq.
type rows struct {
	byKey map[rowKey]*row
	order map[Scope][]*orderedRow
}

type orderedRow struct {
	key string
	*row
}

func (tx *Tx) rows(table string) *rows {
	r := tx.db.tables[table]
	if r == nil && tx.writable {
		r = &rows{byKey: map[rowKey]*row{}, order: map[Scope][]*orderedRow{}}
		tx.db.tables[table] = r
	}
	return r
}

func (tx *Tx) put(table string, key rowKey, rec any) {
	r := tx.rows(table)
	old := r.byKey[key]
	n := &row{}
	n.rec.Store(rec)
	if old != nil {
		n.seq = old.seq
	} else {
		tx.db.seq++
		n.seq = tx.db.seq
	}
	r.set(key, old, n)
	tx.log = append(tx.log, change{table, key, old, n})
}

func (tx *Tx) remove(table string, key rowKey) bool {
	r := tx.rows(table)
	old := r.byKey[key]
	if old == nil {
		return false
	}
	r.set(key, old, nil)
	tx.log = append(tx.log, change{table, key, old, nil})
	return true
}

// removeAll removes a scope's rows, given in their order; from the end, where
// there is little to move up.
func (tx *Tx) removeAll(table string, s Scope, keys []string) {
	for _, k := range slices.Backward(keys) {
		tx.remove(table, rowKey{s, k})
	}
}

func (tx *Tx) rollback() {
	for i := len(tx.log) - 1; i >= 0; i-- {
		c := tx.log[i]
		tx.db.tables[c.table].set(c.key, c.new, c.old)
	}
	tx.log = nil
}

// set makes the row at key n (nil: none) and keeps the scope's order. Sequence
// numbers ascend, so an insertion is an append but for a rollback.
func (r *rows) set(key rowKey, old, n *row) {
	list := r.order[key.scope]
	at := len(list)
	if old != nil {
		at = sort.Search(len(list), func(i int) bool { return list[i].seq >= old.seq })
	} else if n != nil {
		at = sort.Search(len(list), func(i int) bool { return list[i].seq >= n.seq })
	}
	switch {
	case n == nil && old != nil:
		delete(r.byKey, key)
		copy(list[at:], list[at+1:])
		list[len(list)-1] = nil
		r.order[key.scope] = list[:len(list)-1]
	case n != nil && old != nil:
		r.byKey[key] = n
		list[at] = &orderedRow{key.key, n}
	case n != nil:
		r.byKey[key] = n
		list = append(list, nil)
		copy(list[at+1:], list[at:])
		list[at] = &orderedRow{key.key, n}
		r.order[key.scope] = list
	}
}

// diskChange is one change as the disk sees it; nil value: delete.
type diskChange struct {
	table string
	key   []byte
	value []byte
}

type diskRow struct {
	Seq uint64          `json:"seq"`
	Rec json.RawMessage `json:"rec"`
}

func (tx *Tx) encode() ([]diskChange, error) {
	out := make([]diskChange, 0, len(tx.log))
	for _, c := range tx.log {
		d := diskChange{table: c.table, key: c.key.bytes()}
		if len(d.key) > maxKey {
			return nil, fmt.Errorf("%s: a key of %d bytes is too long to be kept", c.table, len(d.key))
		}
		if c.new != nil {
			rec := json.RawMessage(c.new.raw)
			if v := c.new.rec.Load(); v != nil {
				var err error
				if rec, err = json.Marshal(v); err != nil {
					return nil, fmt.Errorf("encode %s %s: %w", c.table, c.key.key, err)
				}
			}
			var err error
			if d.value, err = json.Marshal(diskRow{Seq: c.new.seq, Rec: rec}); err != nil {
				return nil, err
			}
		}
		out = append(out, d)
	}
	return out, nil
}

const keySeparator = "\x00"

func (k rowKey) bytes() []byte {
	return []byte(k.scope.Account + keySeparator + k.scope.Region + keySeparator + k.key)
}
