package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// disk writes committed transactions in order. One goroutine takes whatever is
// queued, appends it to the write-ahead log as one record and answers all of its
// waiters: many writers share one sync. Now and then it moves the log's content
// into the database file.
type disk struct {
	db      *bolt.DB
	wal     *wal
	fresh   []diskChange // in the log and not yet in the database
	mu      sync.Mutex
	wake    *sync.Cond
	queue   []pending
	closed  bool
	failed  error // the first write that failed: nothing is acknowledged after it
	stopped chan struct{}

	closing  sync.Once
	closeErr error
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
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use by another postern", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	d := &disk{db: db, stopped: make(chan struct{})}
	d.wake = sync.NewCond(&d.mu)
	d.wal, d.fresh, err = openWAL(strings.TrimSuffix(path, filepath.Ext(path))+".wal", d.checkpointed())
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	if err := d.checkpoint(); err != nil {
		_ = d.wal.f.Close()
		_ = db.Close()
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
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
		err := d.write(batch)
		if err != nil {
			err = d.fail(err)
		}
		for _, p := range batch {
			p.done <- err
		}
		if err == nil && d.wal.size > walLimit {
			if err := d.checkpoint(); err != nil {
				_ = d.fail(err) // the next writer is told
			}
		}
	}
}

func (d *disk) fail(err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = fmt.Errorf("data directory cannot be written, restart postern when it can: %w", err)
	return d.failed
}

// walLimit is the size of the log above which a checkpoint is due.
var walLimit int64 = 4 << 20

func (d *disk) write(batch []pending) error {
	var changes []diskChange
	for _, p := range batch {
		changes = append(changes, p.changes...)
	}
	if err := d.wal.append(changes); err != nil {
		return err
	}
	d.fresh = append(d.fresh, changes...)
	return nil
}

// metaBucket holds what is no table: the number of the last log record that the
// database has.
var (
	metaBucket   = []byte("\x00meta")
	metaWALEntry = []byte("wal")
)

func (d *disk) checkpointed() uint64 {
	var n uint64
	// The function below returns no error.
	_ = d.db.View(func(tx *bolt.Tx) error {
		if b := tx.Bucket(metaBucket); b != nil {
			if v := b.Get(metaWALEntry); len(v) == 8 {
				n = binary.LittleEndian.Uint64(v)
			}
		}
		return nil
	})
	return n
}

// checkpoint writes what only the log has into the database, in one transaction,
// and empties the log.
func (d *disk) checkpoint() error {
	if len(d.fresh) > 0 {
		if err := d.db.Update(d.moveFresh); err != nil {
			return err
		}
		d.fresh = nil
	}
	return d.wal.reset()
}

func (d *disk) moveFresh(tx *bolt.Tx) error {
	for _, c := range d.fresh {
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
	b, err := tx.CreateBucketIfNotExists(metaBucket)
	if err != nil {
		return err
	}
	return b.Put(metaWALEntry, binary.LittleEndian.AppendUint64(nil, d.wal.next-1))
}

func (d *disk) close() error {
	d.mu.Lock()
	d.closed = true
	d.wake.Signal()
	d.mu.Unlock()
	<-d.stopped
	d.closing.Do(func() {
		if d.failed == nil {
			d.closeErr = d.checkpoint()
		}
		d.closeErr = errors.Join(d.closeErr, d.wal.f.Close(), d.db.Close())
	})
	return d.closeErr
}

// load reads every table. Records stay encoded until a table asks for them.
func (db *DB) load() error {
	return db.disk.db.View(func(btx *bolt.Tx) error {
		return btx.ForEach(func(name []byte, b *bolt.Bucket) error {
			if bytes.Equal(name, metaBucket) {
				return nil
			}
			r := newRows()
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
				r.load(key, n)
				return nil
			})
			r.sort()
			return err
		})
	})
}
