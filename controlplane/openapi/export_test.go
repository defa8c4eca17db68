package openapi_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern/postern/controlplane/openapi"
)

// documents calls a test for every document of testdata that is accepted.
func documents(t *testing.T, test func(t *testing.T, doc *openapi.Document, opts openapi.Options)) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		opts := openapi.Options{APIID: "abcdefghij"}
		var body []byte
		for _, f := range archive.Files {
			switch {
			case f.Name == "parameters":
				opts = withParameters(t, opts, string(f.Data))
			case strings.HasPrefix(f.Name, "document"):
				body = f.Data
			}
		}
		doc, _, err := openapi.Parse(body, opts)
		if err != nil {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { test(t, doc, opts) })
	}
}

func hasMethod(doc *openapi.Document, is func(*openapi.Method) bool) bool {
	return slices.ContainsFunc(doc.Resources, func(r *openapi.Resource) bool { return slices.ContainsFunc(r.Methods, is) })
}

// formats are all forms of an export.
func formats(protocol openapi.Protocol) []openapi.ExportOptions {
	all := []openapi.ExportOptions{
		{Protocol: protocol, Format: openapi.FormatOAS30}, {Protocol: protocol, Format: openapi.FormatOAS30, YAML: true},
	}
	if protocol == openapi.REST {
		all = append(all, openapi.ExportOptions{Format: openapi.FormatSwagger}, openapi.ExportOptions{Format: openapi.FormatSwagger, YAML: true})
	}
	for i := range all {
		all[i].Host, all[i].Stage, all[i].Extensions = "abcdefghij.execute-api.us-east-1.amazonaws.com", "local", []string{openapi.ExtensionAPIGateway}
	}
	return all
}

// TestExportImports holds that an API that was exported with AWS's extensions can be
// imported again, and is the same.
func TestExportImports(t *testing.T) {
	documents(t, func(t *testing.T, doc *openapi.Document, opts openapi.Options) {
		for _, format := range formats(opts.Protocol) {
			// Swagger has one body for all content types.
			if format.Format == openapi.FormatSwagger && hasMethod(doc, func(m *openapi.Method) bool { return len(m.RequestModels) > 1 }) {
				continue
			}
			body, err := openapi.Export(doc, format)
			if err != nil {
				t.Fatal(err)
			}
			got, warnings, err := openapi.Parse(body, openapi.Options{Protocol: opts.Protocol, APIID: opts.APIID})
			if err != nil || len(warnings) > 0 {
				t.Fatalf("%s: %v %v\n%s", format.Format, err, warnings, body)
			}
			if diff := cmp.Diff(normal(got), normal(doc), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s yaml=%t (-got +want):\n%s", format.Format, format.YAML, diff)
			}
		}
	})
}

// normal gives a document without what an export does not carry: documentation, the
// order of things, paths without methods, settings that are not in a document.
func normal(doc *openapi.Document) openapi.Document {
	d := *doc
	d.Info, d.DocumentationParts, d.DocumentationVersion = nil, nil, ""
	d.Endpoint.Types, d.Endpoint.IPAddressType = nil, ""
	if d.Endpoint.DisableExecuteAPIEndpoint != nil && !*d.Endpoint.DisableExecuteAPIEndpoint {
		d.Endpoint.DisableExecuteAPIEndpoint = nil
	}
	if d.APIKeySource == "HEADER" {
		d.APIKeySource = ""
	}
	d.Resources = nil
	for _, r := range doc.Resources {
		if len(r.Methods) == 0 {
			continue
		}
		copied := &openapi.Resource{Path: r.Path, Methods: slices.Clone(r.Methods)}
		slices.SortFunc(copied.Methods, func(a, b *openapi.Method) int { return strings.Compare(a.HTTPMethod, b.HTTPMethod) })
		d.Resources = append(d.Resources, copied)
	}
	slices.SortFunc(d.Resources, func(a, b *openapi.Resource) int { return strings.Compare(a.Path, b.Path) })
	d.Models = slices.Clone(d.Models)
	slices.SortFunc(d.Models, func(a, b openapi.Model) int { return strings.Compare(a.Name, b.Name) })
	return d
}

// TestExportIsOpenAPI holds that another reader takes what is exported.
func TestExportIsOpenAPI(t *testing.T) {
	documents(t, func(t *testing.T, doc *openapi.Document, opts openapi.Options) {
		for _, format := range formats(opts.Protocol) {
			// The reader wants to find every variable of a path among the parameters,
			// does not know greedy ones, and wants every operation to have a response.
			if format.YAML || slices.ContainsFunc(doc.Resources, func(r *openapi.Resource) bool { return strings.Contains(r.Path, "+}") }) ||
				opts.Protocol == openapi.REST && hasMethod(doc, func(m *openapi.Method) bool { return len(m.Responses) == 0 }) {
				continue
			}
			body, err := openapi.Export(doc, format)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(body, format.Format); err != nil {
				t.Errorf("%s: %v\n%s", format.Format, err, body)
			}
		}
	})
}

func validate(body []byte, format string) error {
	loader := openapi3.NewLoader()
	if format == openapi.FormatOAS30 {
		doc, err := loader.LoadFromData(body)
		if err != nil {
			return err
		}
		return doc.Validate(loader.Context)
	}
	var swagger openapi2.T
	if err := json.Unmarshal(body, &swagger); err != nil {
		return err
	}
	doc, err := openapi2conv.ToV3(&swagger)
	if err != nil {
		return err
	}
	return doc.Validate(loader.Context)
}

func TestContentDisposition(t *testing.T) {
	o := openapi.ExportOptions{Format: openapi.FormatSwagger, YAML: true}
	if got, want := o.ContentDisposition(&openapi.Document{Version: "1.0.0"}), `attachment; filename="swagger_1.0.0.yaml"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
