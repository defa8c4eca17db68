package tags_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/tags"
	"github.com/postern/postern/controlplane/store"
)

type tagged struct{ Tags map[string]string }

var (
	things = store.NewTable[tagged]("test.tagged")
	scope  = store.Scope{Account: "000000000000", Region: "us-east-1"}
)

func TestOf(t *testing.T) {
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), func(tx *store.Tx) error {
		things.Put(tx, scope, "a", &tagged{map[string]string{"one": "1"}})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	errMissing := awsapi.NotFound("there is no such thing")
	for _, tc := range []struct {
		name, key string
		change    tags.Change
		refused   string
		after     map[string]string // as they are read again
	}{
		{"read", "a", nil, "", map[string]string{"one": "1"}},
		{"add", "a", tags.Add(map[string]string{"two": "2"}), "", map[string]string{"one": "1", "two": "2"}},
		{"no key", "a", tags.Add(map[string]string{"": "2"}), "Invalid tag: keys have 1 to 128 characters, values at most 256", map[string]string{"one": "1", "two": "2"}},
		{"remove", "a", tags.Remove([]string{"one", "none"}), "", map[string]string{"two": "2"}},
		{"missing", "b", tags.Add(map[string]string{"two": "2"}), "there is no such thing", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			holder := func(tx *store.Tx, editable bool) (*map[string]string, error) {
				if rec, ok := tags.Record(tx, things, scope, tc.key, editable); ok {
					return &rec.Tags, nil
				}
				return nil, errMissing
			}
			got, err := tags.Of(t.Context(), db, tc.change, holder)
			switch {
			case tc.refused != "":
				if err == nil || awsapi.MessageOf(err) != tc.refused {
					t.Errorf("error %v, want %s", err, tc.refused)
				}
			case err != nil:
				t.Error(err)
			default:
				if diff := cmp.Diff(tc.after, got); diff != "" {
					t.Errorf("answer: %s", diff)
				}
			}
			if tc.after != nil {
				again, err := tags.Of(t.Context(), db, nil, holder)
				if diff := cmp.Diff(tc.after, again); diff != "" || err != nil {
					t.Errorf("kept: %v %s", err, diff)
				}
			}
		})
	}
}
