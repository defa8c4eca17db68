package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// disk writes committed transactions in order. One goroutine takes whatever is
// queued, writes it as one bbolt transaction and answers all of its waiters: many
// writers share one sync.
type disk struct {
	db      *bolt.DB
	mu      sync.Mutex
	wake    *sync.Cond
	queue   []pending
	closed  bool
	failed  error // the first write that failed: nothing is acknowledged after it
	stopped chan struct{}
}

type pending struct {
	changes []diskChange
	done    chan error
}

var errClosed = errors.New("store is closed")

// maxKey is the longest key that bbolt takes. A longer one must fail its own
// transaction, not the batch that it would be written with.
const maxKey = bolt.MaxKeySize

// lockWait is how long an open waits for a Postern that is just ending.
const lockWait = time.Second

func openDisk(path string) (*disk, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if errors.Is(err, bolt.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use by another postern", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	d := &disk{db: db, stopped: make(chan struct{})}
	d.wake = sync.NewCond(&d.mu)
	go d.run()
	return d, nil
}

// enqueue must be called in commit order; the store's lock sees to that.
func (d *disk) enqueue(changes []diskChange) <-chan error {
	done := make(chan error, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.failed != nil {
		done <- cmp.Or(d.failed, errClosed)
		return done
	}
	d.queue = append(d.queue, pending{changes, done})
	d.wake.Signal()
	return done
}

func (d *disk) run() {
	defer close(d.stopped)
	for {
		d.mu.Lock()
		for len(d.queue) == 0 && !d.closed {
			d.wake.Wait()
		}
		batch := d.queue
		d.queue = nil
		d.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		err := d.db.Update(func(tx *bolt.Tx) error { return write(tx, batch) })
		if err != nil {
			err = fmt.Errorf("data directory cannot be written, restart postern when it can: %w", err)
			d.mu.Lock()
			d.failed = err
			d.mu.Unlock()
		}
		for _, p := range batch {
			p.done <- err
		}
	}
}

func write(tx *bolt.Tx, batch []pending) error {
	for _, p := range batch {
		for _, c := range p.changes {
			b, err := tx.CreateBucketIfNotExists([]byte(c.table))
			if err != nil {
				return err
			}
			if c.value == nil {
				err = b.Delete(c.key)
			} else {
				err = b.Put(c.key, c.value)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *disk) close() error {
	d.mu.Lock()
	d.closed = true
	d.wake.Signal()
	d.mu.Unlock()
	<-d.stopped
	return d.db.Close()
}

// load reads every table. Records stay encoded until a table asks for them.
func (db *DB) load() error {
	return db.disk.db.View(func(btx *bolt.Tx) error {
		return btx.ForEach(func(name []byte, b *bolt.Bucket) error {
			r := &rows{byKey: map[rowKey]*row{}, order: map[Scope][]*orderedRow{}}
			db.tables[string(name)] = r
			err := b.ForEach(func(k, v []byte) error {
				parts := bytes.SplitN(k, []byte(keySeparator), 3)
				if len(parts) != 3 {
					return fmt.Errorf("table %s: bad key %q", name, k)
				}
				var dr diskRow
				if err := json.Unmarshal(v, &dr); err != nil {
					return fmt.Errorf("table %s, key %q: %w", name, k, err)
				}
				key := rowKey{Scope{string(parts[0]), string(parts[1])}, string(parts[2])}
				n := &row{seq: dr.Seq, raw: dr.Rec}
				db.seq = max(db.seq, dr.Seq)
				r.byKey[key] = n
				r.order[key.scope] = append(r.order[key.scope], &orderedRow{key.key, n})
				return nil
			})
			for _, list := range r.order {
				sort.Slice(list, func(i, j int) bool { return list[i].seq < list[j].seq })
			}
			return err
		})
	})
}
