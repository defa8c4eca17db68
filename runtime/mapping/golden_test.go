package mapping_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern/postern/runtime/mapping"
	"github.com/postern/postern/runtime/vtl"
)

var update = flag.Bool("update", false, "rewrite the wanted outputs in testdata")

// TestGolden runs the cases of testdata/*.txtar. A case is an exchange, its
// sections in the order in which they happen:
//
//	NAME/input.json  body, path, querystring, header, stageVariables, context
//	NAME/template    rendered with the body of the input
//	NAME/body        what the backend answered, for the next template
//	NAME/want        what the template before it renders
//	NAME/error       or how it fails
//	NAME/overrides   what the templates so far have overridden
//
// The line end that closes a section is not part of it.
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
	for start := 0; start < len(archive.Files); {
		name := filepath.Dir(archive.Files[start].Name)
		end := start
		for end < len(archive.Files) && filepath.Dir(archive.Files[end].Name) == name {
			end++
		}
		t.Run(name, func(t *testing.T) { runExchange(t, archive.Files[start:end]) })
		start = end
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func runExchange(t *testing.T, sections []txtar.File) {
	in := mapping.Input{Context: mapping.NewContext(nil)}
	var got, failure string
	for i := range sections {
		data := strings.TrimSuffix(string(sections[i].Data), "\n")
		actual := data
		switch part := filepath.Base(sections[i].Name); part {
		case "input.json":
			in = decodeInput(t, data)
		case "body":
			in.Body = []byte(data)
		case "template":
			got, failure = renderTemplate(t, data, in)
		case "want":
			if actual = got; failure != "" {
				t.Errorf("failed: %s", failure)
			}
		case "error":
			actual = failure
		case "overrides":
			actual = describeOverrides(t, in.Context)
		default:
			t.Fatalf("unknown section %q", sections[i].Name)
		}
		if *update {
			sections[i].Data = []byte(actual + "\n")
		} else if diff := cmp.Diff(data, actual); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sections[i].Name, diff)
		}
	}
}

func renderTemplate(t *testing.T, src string, in mapping.Input) (out, failure string) {
	template, err := mapping.Compile(src)
	if err == nil {
		out, err = template.Render(t.Context(), in)
	}
	if err != nil {
		failure = err.Error()
	}
	return out, failure
}

func decodeInput(t *testing.T, text string) mapping.Input {
	t.Helper()
	v, err := vtl.DecodeJSON(text)
	if err != nil {
		t.Fatalf("input %s: %v", text, err)
	}
	m := v.(*vtl.Map)
	in := mapping.Input{
		Path: params(m, "path"), Query: params(m, "querystring"), Header: params(m, "header"),
		StageVariables: params(m, "stageVariables"),
	}
	if body, ok := m.Get("body"); ok {
		in.Body = []byte(body.(string))
	}
	values, _ := m.Get("context")
	in.Context = mapping.NewContext(func() []mapping.Fact { return facts(values) })
	return in
}

func params(m *vtl.Map, location string) []mapping.Param {
	v, ok := m.Get(location)
	if !ok {
		return nil
	}
	var params []mapping.Param
	for name, value := range v.(*vtl.Map).All() {
		params = append(params, mapping.Param{Name: name.(string), Value: value.(string)})
	}
	return params
}

func facts(v any) []mapping.Fact {
	m, ok := v.(*vtl.Map)
	if !ok {
		return nil
	}
	list := []mapping.Fact{}
	for name, value := range m.All() {
		if _, ok := value.(*vtl.Map); ok {
			value = facts(value)
		}
		list = append(list, mapping.Fact{Name: name.(string), Value: value})
	}
	return list
}

func describeOverrides(t *testing.T, c *mapping.Context) string {
	t.Helper()
	request, err := c.RequestOverride()
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.ResponseOverride()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	add := func(location string, overrides []mapping.Override) {
		for _, o := range overrides {
			lines = append(lines, fmt.Sprintf("%s %s: %q", location, o.Name, o.Values))
		}
	}
	add("request path", request.Path)
	add("request querystring", request.Query)
	add("request header", request.Header)
	if response.Status != 0 {
		lines = append(lines, fmt.Sprintf("response status %d", response.Status))
	}
	add("response header", response.Header)
	return strings.Join(lines, "\n")
}
