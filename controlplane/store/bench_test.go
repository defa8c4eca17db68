package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern/postern/controlplane/store"
)

// The cost of an acknowledged change beside that of its floor: to append as many
// bytes to a file and sync it.

var benched = store.NewTable[item]("bench")

func BenchmarkDurableWrite(b *testing.B) {
	for _, records := range []int{0, 10000} {
		b.Run(fmt.Sprintf("one writer, %d records before", records), func(b *testing.B) {
			db := filled(b, b.TempDir(), records)
			f, err := os.OpenFile(filepath.Join(b.TempDir(), "floor"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			line := make([]byte, 200)
			// Turn by turn, so that both meet the same disk and the same neighbours.
			var durable, floor []time.Duration
			for b.Loop() {
				begun := time.Now()
				write(b, db, len(durable))
				written := time.Now()
				if _, err := f.Write(line); err != nil {
					b.Fatal(err)
				}
				if err := store.Datasync(f); err != nil {
					b.Fatal(err)
				}
				durable, floor = append(durable, written.Sub(begun)), append(floor, time.Since(written))
			}
			d, fl := median(durable), median(floor)
			b.ReportMetric(float64(d.Nanoseconds()), "p50-ns")
			b.ReportMetric(float64(fl.Nanoseconds()), "floor-p50-ns")
			b.ReportMetric(float64(d)/float64(fl), "x-floor")
		})
	}
	b.Run("32 writers share the syncs", func(b *testing.B) {
		db := filled(b, b.TempDir(), 0)
		var n atomic.Int64
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				write(b, db, int(n.Add(1)))
			}
		})
	})
	b.Run("memory", func(b *testing.B) {
		db := filled(b, "", 0)
		i := 0
		for b.Loop() {
			write(b, db, i)
			i++
		}
	})
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	if err := filled(b, dir, 10000).Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		db, err := store.Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func filled(b *testing.B, dir string, records int) *store.DB {
	b.Helper()
	db, err := store.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.Update(context.Background(), func(tx *store.Tx) error {
		for i := range records {
			benched.Put(tx, us, fmt.Sprintf("before-%d", i), &item{N: i})
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	return db
}

func write(b *testing.B, db *store.DB, i int) {
	err := db.Update(context.Background(), func(tx *store.Tx) error {
		benched.Put(tx, us, fmt.Sprint("key-", i), &item{N: i, Name: "a record of about a hundred bytes, as most of them are"})
		return nil
	})
	if err != nil {
		b.Error(err)
	}
}
