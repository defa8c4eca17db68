package store

import (
	"encoding/json"
	"fmt"
	"slices"
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

func (tx *Tx) rows(table string) *rows {
	r := tx.db.tables[table]
	if r == nil && tx.writable {
		r = newRows()
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
func (tx *Tx) removeAll(table string, s Scope, list []*orderedRow) {
	for _, o := range slices.Backward(list) {
		tx.remove(table, rowKey{s, o.key})
	}
}

func (tx *Tx) rollback() {
	for i := len(tx.log) - 1; i >= 0; i-- {
		c := tx.log[i]
		tx.db.tables[c.table].set(c.key, c.new, c.old)
	}
	tx.log = nil
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
