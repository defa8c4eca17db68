package executortest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/executor/code"
)

// Language is one way to write the actions handler.
type Language struct {
	Name, Runtime, Handler string
	archive                func() (*code.Archive, error)
}

// Languages are those that every executor runs.
var Languages = []Language{
	{"Go", "provided.al2023", "bootstrap", packed(buildGo)},
	{"Node", "nodejs20.x", "actions.handler", packed(source("node/actions.js"))},
	{"Python", "python3.11", "actions.handler", packed(source("python/actions.py"))},
}

// Spec is a function of the language's actions handler.
func (l Language) Spec(t testing.TB) *executor.Spec {
	t.Helper()
	archive, err := l.archive()
	if err != nil {
		t.Fatalf("actions handler in %s: %v", l.Name, err)
	}
	return newSpec(l.Runtime, l.Handler, archive)
}

// node and python are functions of a few small files.
func node(t *testing.T, handler string, files map[string]string) *executor.Spec {
	return newSpec("nodejs20.x", handler, Archive(t, files))
}

func python(t *testing.T, handler string, files map[string]string) *executor.Spec {
	return newSpec("python3.11", handler, Archive(t, files))
}

func newSpec(runtime, handler string, archive *code.Archive) *executor.Spec {
	return &executor.Spec{
		Account: "000000000000", Region: "us-east-1", FunctionName: "fn", Version: "$LATEST",
		FunctionARN: "arn:aws:lambda:us-east-1:000000000000:function:fn",
		Runtime:     runtime, Handler: handler, Architecture: "x86_64", MemoryMB: 128, EphemeralMB: 512, Timeout: 10 * time.Second,
		RuntimeVersionARN: "arn:aws:lambda:us-east-1::runtime:0123",
		Code:              archive,
		Credentials:       executor.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET", SessionToken: "TOKEN"},
		Logging:           executor.Logging{Group: "/aws/lambda/fn", Format: executor.LogText},
	}
}

// Archive is a zip of the files; all are executable.
func Archive(t *testing.T, files map[string]string) *code.Archive {
	t.Helper()
	raw := map[string][]byte{}
	for name, text := range files {
		raw[name] = []byte(text)
	}
	archive, err := pack(raw)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func pack(files map[string][]byte) (*code.Archive, error) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for name, data := range files {
		// Stored: compressing a Go program takes longer than running it.
		header := &zip.FileHeader{Name: name, Method: zip.Store}
		header.SetMode(0o755)
		entry, err := w.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return code.Open(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
}

// packed packs a handler once per test run.
func packed(files func() (map[string][]byte, error)) func() (*code.Archive, error) {
	return sync.OnceValues(func() (*code.Archive, error) {
		raw, err := files()
		if err != nil {
			return nil, err
		}
		return pack(raw)
	})
}

// root is the module's directory, below which the handlers' sources are.
var root = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/postern/postern").Output()
	return strings.TrimSpace(string(out)), err
})

func source(name string) func() (map[string][]byte, error) {
	return func() (map[string][]byte, error) {
		dir, err := root()
		if err != nil {
			return nil, err
		}
		data, err := os.ReadFile(filepath.Join(dir, "testdata", "functions", filepath.FromSlash(name)))
		return map[string][]byte{filepath.Base(name): data}, err
	}
}

// buildGo builds the Go handler as Lambda wants it: a static Linux program called bootstrap.
func buildGo() (map[string][]byte, error) {
	dir, err := root()
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "postern-actions-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	bootstrap := filepath.Join(tmp, "bootstrap")
	build := exec.Command("go", "build", "-o", bootstrap, "-ldflags", "-s -w", "./testdata/functions/go/actions")
	build.Dir = dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	data, err := os.ReadFile(bootstrap)
	return map[string][]byte{"bootstrap": data}, err
}
