package store

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
)

// Scope is the owner of a record.
type Scope struct {
	Account string
	Region  string
}

// DB is the one store of an emulator. The zero value is not usable; call Open.
type DB struct {
	mu     sync.RWMutex
	tables map[string]*rows
	seq    uint64
	disk   *disk // nil in memory
	blobs  *Blobs
}

// Open gives an empty store, or with dir the state that dir holds. An unreadable
// directory is an error that says so; a torn last write is not.
func Open(dir string) (*DB, error) {
	db := &DB{tables: map[string]*rows{}, blobs: &Blobs{}}
	if dir == "" {
		return db, nil
	}
	d, err := openDisk(filepath.Join(dir, "postern.db"))
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	db.disk = d
	db.blobs.dir = filepath.Join(dir, "blobs")
	if err := db.load(); err != nil {
		_ = d.close()
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	return db, nil
}

// Blobs gives the store of large byte strings.
func (db *DB) Blobs() *Blobs { return db.blobs }

// Close waits for pending writes and releases the data directory.
func (db *DB) Close() error {
	if db.disk == nil {
		return nil
	}
	return db.disk.close()
}

// View runs fn with a consistent, read-only view.
func (db *DB) View(fn func(tx *Tx) error) error {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return fn(&Tx{db: db})
}

// Update runs fn as one transaction: all of its changes or, when fn fails, none.
// It returns when they are durable. An error of the disk is returned after the
// change was made in memory: the caller must not acknowledge it.
func (db *DB) Update(ctx context.Context, fn func(tx *Tx) error) error {
	done, err := db.apply(fn)
	if err != nil || done == nil {
		return err
	}
	// A caller that goes away does not stop the write, but stops waiting for it.
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (db *DB) apply(fn func(tx *Tx) error) (done <-chan error, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	tx := &Tx{db: db, writable: true}
	committed := false
	defer func() {
		if !committed {
			tx.rollback()
		}
	}()
	if err := fn(tx); err != nil {
		return nil, err
	}
	if db.disk == nil || len(tx.log) == 0 {
		committed = true
		return nil, nil
	}
	batch, err := tx.encode()
	if err != nil {
		return nil, err
	}
	committed = true
	return db.disk.enqueue(batch), nil
}

// Reset forgets every record.
func (db *DB) Reset(ctx context.Context) error {
	return db.Update(ctx, func(tx *Tx) error {
		for name, r := range db.tables {
			for scope := range r.scopes {
				tx.removeAll(name, scope, r.list(scope, ""))
			}
		}
		return nil
	})
}
