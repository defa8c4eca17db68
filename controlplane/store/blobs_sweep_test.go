package store_test

import (
	"testing"

	"github.com/postern/postern/controlplane/store"
)

func TestBlobsSweep(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "directory": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			db, err := store.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			if err := db.Blobs().Sweep(func(string) bool { return false }); err != nil {
				t.Errorf("an empty store: %v", err)
			}
			var keys [2]string
			for i, content := range []string{"kept", "gone"} {
				if keys[i], err = db.Blobs().Put([]byte(content)); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Blobs().Sweep(func(key string) bool { return key == keys[0] }); err != nil {
				t.Fatal(err)
			}
			if b, err := db.Blobs().Get(keys[0]); err != nil || string(b) != "kept" {
				t.Errorf("got %q, %v", b, err)
			}
			if b, err := db.Blobs().Get(keys[1]); err == nil {
				t.Errorf("%q was kept", b)
			}
		})
	}
}
