package docker

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/volume"
	"go.uber.org/goleak"

	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/executor/code"
)

// Tests named TestEngine… need a Docker engine and the images of scripts/lambda-images; scripts/test leaves them out by
// name where there is none.

func TestMain(m *testing.M) {
	if os.Getenv(victimVariable) != "" {
		fmt.Fprintln(os.Stderr, beVictim())
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// wait bounds what should happen soon.
const wait = 20 * time.Second

func newExecutor(t *testing.T, change func(*Config)) *Executor {
	t.Helper()
	config := Config{Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: time.Now}
	if change != nil {
		change(&config)
	}
	e, err := New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return e
}

// buildRuntime compiles testdata/runtime. Where there is no Go, POSTERN_TEST_RUNTIME names the program.
var buildRuntime = sync.OnceValues(func() ([]byte, error) {
	if file := os.Getenv("POSTERN_TEST_RUNTIME"); file != "" {
		return os.ReadFile(file)
	}
	dir, err := os.MkdirTemp("", "postern-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", file, "./testdata/runtime")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	return os.ReadFile(file)
})

func archive(t *testing.T, files map[string][]byte) *code.Archive {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for name, content := range files {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate}
		header.SetMode(0o755)
		f, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(content)
	}
	w.Close()
	a, err := code.Open(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func goSpec(t *testing.T) *executor.Spec {
	t.Helper()
	program, err := buildRuntime()
	if err != nil {
		t.Fatal(err)
	}
	return &executor.Spec{
		Account: "000000000000", Region: "us-east-1", FunctionName: "f", Version: "$LATEST",
		FunctionARN: "arn:aws:lambda:us-east-1:000000000000:function:f",
		Runtime:     "provided.al2023", Handler: "h", MemoryMB: 128, Timeout: 3 * time.Second,
		Code: archive(t, map[string][]byte{"bootstrap": program, "dir/data": []byte("from the code")}),
	}
}

// driver is a Runtime API that hands out what the test sends, one event at a time.
type driver struct {
	events, answers chan string

	mu    sync.Mutex
	lines []string
}

func (d *driver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/next") {
		select {
		case event := <-d.events:
			io.WriteString(w, event)
		case <-r.Context().Done():
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	d.answers <- string(body)
}

func (d *driver) output(line executor.Line) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, string(line.Text))
}

func (d *driver) ask(t *testing.T, event string) string {
	t.Helper()
	d.events <- event
	select {
	case answer := <-d.answers:
		return answer
	case <-time.After(wait):
		t.Fatalf("no answer to %q; output %q", event, d.lines)
		return ""
	}
}

func startOne(t *testing.T, p executor.Prepared, id string) (executor.Environment, *driver) {
	t.Helper()
	d := &driver{events: make(chan string, 1), answers: make(chan string, 1)}
	env, err := p.Start(t.Context(), executor.Start{
		ID: id, API: d, InitType: "on-demand", LogStream: "s", Output: d.output,
	})
	if err != nil {
		t.Fatal(err)
	}
	return env, d
}

func prepare(t *testing.T, e *Executor, spec *executor.Spec) executor.Prepared {
	t.Helper()
	p, err := e.Prepare(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func exited(t *testing.T, env executor.Environment) executor.Exit {
	t.Helper()
	select {
	case <-env.Exited():
		return env.Exit()
	case <-time.After(wait):
		t.Fatal("the environment did not end")
		return executor.Exit{}
	}
}

var discard = slog.New(slog.DiscardHandler)

func mineOf(e *Executor) filters.Args {
	return filters.NewArgs(filters.Arg("label", labelInstance+"="+e.instance))
}

// left lists the containers and volumes of an executor.
func left(t *testing.T, e *Executor) []string {
	t.Helper()
	ctx := context.Background() // also asked when a test is over
	engine, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	mine := mineOf(e)
	containers, err := engine.ContainerList(ctx, container.ListOptions{All: true, Filters: mine})
	if err != nil {
		t.Fatal(err)
	}
	volumes, err := engine.VolumeList(ctx, volume.ListOptions{Filters: mine})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range containers {
		names = append(names, c.Names...)
	}
	for _, v := range volumes.Volumes {
		names = append(names, v.Name)
	}
	return names
}
