package vtl_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern/postern/runtime/vtl"
)

// addTemplates seeds a fuzz target with the templates of the golden files.
func addTemplates(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, section := range archive.Files {
			if filepath.Base(section.Name) == "template" {
				f.Add(string(section.Data))
			}
		}
	}
}

// FuzzParse checks that parsing ends, and that errors say where.
func FuzzParse(f *testing.F) {
	addTemplates(f)
	f.Fuzz(func(t *testing.T, src string) {
		_, err := vtl.Parse(src)
		var located *vtl.Error
		if err != nil && (!errors.As(err, &located) || located.Line < 1 || located.Column < 1) {
			t.Errorf("error without a place: %v", err)
		}
	})
}

// FuzzExecute checks that rendering stays within its limits.
func FuzzExecute(f *testing.F) {
	addTemplates(f)
	f.Fuzz(func(t *testing.T, src string) {
		template, err := vtl.Parse(src)
		if err != nil {
			return
		}
		v, err := vtl.DecodeJSON(`{"a":["foo",["x",{"b":1}]],"m":{"k":"v"},"name":"Chris","i":12,"d":0.5,"t":true,"n":null}`)
		if err != nil {
			t.Fatal(err)
		}
		env := vtl.Env{}
		for key, value := range v.(*vtl.Map).All() {
			env[key.(string)] = value
		}
		const size = 1 << 16
		out, err := template.Execute(t.Context(), env, vtl.Limits{Output: size, Work: 1 << 18})
		if err == nil && len(out) > size {
			t.Errorf("%d bytes of output", len(out))
		}
	})
}
