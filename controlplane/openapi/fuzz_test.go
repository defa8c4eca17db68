package openapi_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern/postern/controlplane/openapi"
)

// FuzzParse holds that no document breaks the reader, and that what was read can be
// written and read again.
func FuzzParse(f *testing.F) {
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
			if strings.HasPrefix(section.Name, "document") {
				f.Add(section.Data, "prepend")
			}
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, basePath string) {
		for _, protocol := range []openapi.Protocol{openapi.REST, openapi.HTTP} {
			doc, _, err := openapi.Parse(body, openapi.Options{Protocol: protocol, BasePath: basePath, Region: "us-east-1", APIID: "a"})
			// A key that is longer cannot be written plainly.
			if err != nil || len(body) > 1000 || bytes.IndexByte(body, 0) >= 0 {
				continue
			}
			for _, format := range formats(protocol) {
				format.Extensions = append(format.Extensions, openapi.ExtensionDocumentation, openapi.ExtensionPostman)
				out, err := openapi.Export(doc, format)
				if err != nil {
					t.Fatal(err)
				}
				if _, _, err := openapi.Parse(out, openapi.Options{Protocol: protocol, APIID: "a"}); errors.Is(err, openapi.ErrInvalid) {
					t.Fatalf("cannot read again what was written:\n%s", out)
				}
			}
		}
	})
}
