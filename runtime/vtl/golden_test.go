package vtl_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern/postern/runtime/vtl"
)

var update = flag.Bool("update", false, "rewrite the wanted outputs in testdata")

// TestGolden renders the cases of testdata/*.txtar. A case is the sections
// NAME/template, NAME/env.json (variables, optional) and NAME/want or
// NAME/error. The line end that closes a section is not part of it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			runGoldenFile(t, file)
		})
	}
}

func runGoldenFile(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var template, env string
	for i := range archive.Files {
		section := &archive.Files[i]
		data := strings.TrimSuffix(string(section.Data), "\n")
		name, part := filepath.Split(section.Name)
		switch part {
		case "template":
			template, env = data, "{}"
		case "env.json":
			env = data
		case "want", "error":
			t.Run(strings.TrimSuffix(name, "/"), func(t *testing.T) {
				got, err := render(t, template, env)
				if (err != nil) != (part == "error") {
					t.Fatalf("output %q, error %v; wanted the %s %q", got, err, part, data)
				}
				if err != nil {
					got = err.Error()
				}
				if *update {
					section.Data = []byte(got + "\n")
				} else if diff := cmp.Diff(data, got); diff != "" {
					t.Errorf("template %q (-want +got):\n%s", template, diff)
				}
			})
		default:
			t.Fatalf("unknown section %q", section.Name)
		}
	}
	if *update {
		if data := txtar.Format(archive); !bytes.Equal(data, mustRead(t, file)) {
			if err := os.WriteFile(file, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func render(t *testing.T, src, envJSON string) (string, error) {
	t.Helper()
	v, err := vtl.DecodeJSON(envJSON)
	if err != nil {
		t.Fatalf("env %q: %v", envJSON, err)
	}
	env := vtl.Env{}
	for key, value := range v.(*vtl.Map).All() {
		env[key.(string)] = value
	}
	template, err := vtl.Parse(src)
	if err != nil {
		return "", err
	}
	return template.Execute(t.Context(), env, vtl.Limits{})
}
