package awsapi

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// Every pattern of every generated model must mean something to us: one that does
// not compile would let anything pass.
func TestModelPatternsCompile(t *testing.T) {
	files, err := filepath.Glob("../internal/wire/*/zz_generated_schema.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no generated models: %v", err)
	}
	files = append(files, "../../lambda/internal/wire/zz_generated_schema.go")
	field := regexp.MustCompile(`Pattern: ("(?:[^"\\]|\\.)*")`)
	seen := 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		sc := bufio.NewScanner(f)
		sc.Buffer(nil, 1<<20)
		for sc.Scan() {
			for _, m := range field.FindAllStringSubmatch(sc.Text(), -1) {
				src, err := strconv.Unquote(m[1])
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				seen++
				if p := compilePattern(src); p.re == nil {
					t.Errorf("%s: pattern does not compile: %s", filepath.Base(filepath.Dir(name)), src)
				}
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("found only %d patterns", seen)
	}
}
