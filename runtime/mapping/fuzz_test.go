package mapping_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern/postern/runtime/mapping"
	"github.com/postern/postern/runtime/vtl"
)

// FuzzRender renders templates with $input, $util, $context and $stageVariables: it
// ends within its limits, and what it overrides can be read.
func FuzzRender(f *testing.F) {
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
				f.Add(strings.TrimSuffix(string(section.Data), "\n"), `{"a": [1, {"b": "c"}], "n": null}`)
			}
		}
	}
	f.Fuzz(func(t *testing.T, src, body string) {
		template, err := mapping.Compile(src)
		if err != nil {
			return
		}
		in := mapping.Input{
			Body:           []byte(body),
			Path:           []mapping.Param{{Name: "id", Value: "1"}},
			Query:          []mapping.Param{{Name: "q", Value: "x y"}},
			Header:         []mapping.Param{{Name: "Accept", Value: "*/*"}},
			StageVariables: []mapping.Param{{Name: "v", Value: "1"}},
			Context: mapping.NewContext(func() []mapping.Fact {
				return []mapping.Fact{{Name: "apiId", Value: "a1"}, {Name: "identity", Value: []mapping.Fact{{Name: "sourceIp", Value: "127.0.0.1"}}}}
			}),
			Limits: vtl.Limits{Output: 1 << 16, Work: 1 << 18},
		}
		out, err := template.Render(t.Context(), in)
		if err != nil {
			return
		}
		if len(out) > 1<<16 {
			t.Errorf("%d bytes of output", len(out))
		}
		// What a template puts there may be too deep to print, which is an error and no more.
		_, _ = in.Context.RequestOverride()
		if o, err := in.Context.ResponseOverride(); err == nil && o.Status != 0 && (o.Status < 100 || o.Status > 599) {
			t.Errorf("status %d", o.Status)
		}
	})
}
