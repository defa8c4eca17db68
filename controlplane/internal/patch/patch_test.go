package patch

import (
	"testing"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

type record struct {
	name   string
	labels map[string]string
}

func table(f Family) Table[*record] {
	return Table[*record]{Family: f, Rules: []Rule[*record]{
		Text("/name", func(r *record) *string { return &r.name }),
		Map("/labels", func(r *record) *map[string]string { return &r.labels }, nil),
	}}
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		family         Family
		op, path, want string
	}{
		{Listed, "replace", "/x", "Invalid patch path  '/x' specified for op 'replace'. Must be one of: [/name, /labels/{}]"},
		{Listed, "add", "/x", "Invalid patch path  '/x' specified for op 'add'. Please choose supported operations"},
		{Listed, "move", "/name", "Invalid patch path  '/name' specified for op 'move'. Please choose supported operations"},
		{Bare, "replace", "/x", "Invalid patch path /x"},
		{Bare, "add", "/name", "Invalid patch operation specified. Must be one of: [replace]"},
		{Bare, "add", "/labels", "Invalid patch path /labels"},
		{Bare, "add", "/labels/", "Invalid patch path /labels/"},
		{Bare, "add", "/labels/a/b", "Invalid patch path /labels/a/b"},
	} {
		err := table(tc.family).Apply(&record{}, []wire.PatchOperation{{Op: &tc.op, Path: &tc.path}})
		e, ok := awsapi.AsError(err)
		if !ok || e.Message != tc.want {
			t.Errorf("%s %s: got %v, want %s", tc.op, tc.path, err, tc.want)
		}
	}
}

func TestEscapes(t *testing.T) {
	r := &record{}
	op := func(op, path, value string) wire.PatchOperation {
		return wire.PatchOperation{Op: &op, Path: &path, Value: &value}
	}
	err := table(Bare).Apply(r, []wire.PatchOperation{op("add", "/labels/a~1b~0c", "v"), op("add", "/labels/gone", "v"), op("remove", "/labels/gone", "")})
	if err != nil || len(r.labels) != 1 || r.labels["a/b~c"] != "v" {
		t.Errorf("%v, %v", r.labels, err)
	}
}

func FuzzPath(f *testing.F) {
	for _, path := range []string{"", "/", "/name", "/labels/~1", "//", "/labels/~"} {
		f.Add("add", path)
	}
	f.Fuzz(func(_ *testing.T, op, path string) {
		_ = table(Listed).Apply(&record{}, []wire.PatchOperation{{Op: &op, Path: &path, Value: &op}})
	})
}
