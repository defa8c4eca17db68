package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern/postern/controlplane/openapi"
)

var update = flag.Bool("update", false, "rewrite the wanted sections of testdata")

// TestGolden reads the documents of testdata. An archive has a document, optionally
// the query parameters of the import, and what is wanted:
//
//	parameters        name=value lines; protocol=HTTP reads it for an HTTP API
//	document…         the body
//	want.json         the neutral form without what is empty
//	warnings          one per line
//	error             AWS's text
//	export …          the neutral form written again: "export oas30 yaml apigateway"
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata:", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	opts := openapi.Options{Account: "111111111111", Partition: "aws", Region: "us-east-1", APIID: "abcdefghij", NewID: func(n int) string { return strings.Repeat("x", n) }}
	var body []byte
	for _, f := range archive.Files {
		switch {
		case f.Name == "parameters":
			opts = withParameters(t, opts, string(f.Data))
		case strings.HasPrefix(f.Name, "document"):
			body = f.Data
		}
	}
	doc, warnings, err := openapi.Parse(body, opts)
	message := ""
	if err != nil {
		message = err.Error() + "\n"
	}
	for i := range archive.Files {
		f := &archive.Files[i]
		var got []byte
		switch kind, _, _ := strings.Cut(f.Name, " "); kind {
		case "want.json":
			got = dump(t, doc)
		case "warnings":
			got = lines(warnings)
		case "error":
			got = []byte(message)
		case "export":
			got = export(t, doc, opts, strings.Fields(f.Name)[1:])
		default:
			continue
		}
		if *update {
			f.Data = got
		} else if diff := cmp.Diff(string(got), string(f.Data)); diff != "" {
			t.Errorf("%s (-got +want):\n%s", f.Name, diff)
		}
	}
	if names := sections(archive); !names["error"] && message != "" || !names["warnings"] && len(warnings) > 0 {
		t.Errorf("unexpected error %q or warnings %q", message, warnings)
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// export writes a document: its format, json or yaml, and extensions.
func export(t *testing.T, doc *openapi.Document, read openapi.Options, words []string) []byte {
	if doc == nil {
		t.Fatal("nothing to export")
	}
	o := openapi.ExportOptions{
		Protocol: read.Protocol, Format: words[0], YAML: words[1] == "yaml", Extensions: words[2:],
		Host: "abcdefghij.execute-api.us-east-1.amazonaws.com", Region: "us-east-1", Stage: "local", Created: time.Unix(1715019626, 0),
	}
	exported := *doc
	if !slices.Contains(o.Extensions, openapi.ExtensionDocumentation) {
		exported.DocumentationParts = nil
	}
	out, err := openapi.Export(&exported, o)
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.TrimSuffix(out, []byte("\n")), '\n')
}

func sections(archive *txtar.Archive) map[string]bool {
	names := map[string]bool{}
	for _, f := range archive.Files {
		names[f.Name] = true
	}
	return names
}

func withParameters(t *testing.T, opts openapi.Options, text string) openapi.Options {
	parameters := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if name == "protocol" && value == "HTTP" {
			opts.Protocol = openapi.HTTP
			continue
		}
		parameters[name] = value
	}
	if err := opts.SetParameters(parameters); err != nil {
		t.Fatal(err)
	}
	return opts
}

func lines(list []string) []byte {
	if len(list) == 0 {
		return nil
	}
	return []byte(strings.Join(list, "\n") + "\n")
}

// dump writes a document without its empty members, and JSON in texts as JSON.
func dump(t *testing.T, doc *openapi.Document) []byte {
	if doc == nil {
		return nil
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(prune(tree, "")); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func prune(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			e = prune(e, k)
			// Members of the neutral form, not keys of a map.
			if member := k[0] >= 'A' && k[0] <= 'Z' && !strings.ContainsAny(k, "-_"); e == nil || member && (e == "" || e == false) {
				delete(v, k)
				continue
			}
			v[k] = e
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i], "")
		}
		if len(v) == 0 {
			return nil
		}
	case string:
		var tree any
		if (key == "Schema" || key == "Policy" || key == "Properties") && json.Unmarshal([]byte(v), &tree) == nil {
			return tree
		}
	}
	return v
}
