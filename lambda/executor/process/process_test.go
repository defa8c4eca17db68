package process_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/executor/executortest"
	"github.com/postern/postern/lambda/executor/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newExecutor(t *testing.T) executor.Executor {
	return process.New(process.Config{
		Now: time.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Dir: t.TempDir(), EndpointURL: "http://127.0.0.1:4566",
	})
}

// What a Postern that was killed left behind goes when the next one starts, and nothing else does.
func TestSweepsWhatAKilledProcessLeft(t *testing.T) {
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	left := filepath.Join(parent, fmt.Sprintf("postern-lambda-%d-1", dead.Process.Pid))
	kept := []string{filepath.Join(parent, fmt.Sprintf("postern-lambda-%d-1", os.Getppid())), filepath.Join(parent, "postern-lambda-x"), filepath.Join(parent, "other")}
	for _, dir := range append([]string{left}, kept...) {
		if err := os.MkdirAll(filepath.Join(dir, "functions"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p := process.New(process.Config{Now: time.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Dir: parent})
	prepared, err := p.Prepare(t.Context(), executortest.Languages[0].Spec(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", left, err)
	}
	for _, dir := range kept {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(prepared.Close(), p.Close(t.Context())); err != nil {
		t.Error(err)
	}
	if now, err := os.ReadDir(parent); err != nil || len(now) != len(kept) {
		t.Errorf("left after Close: %v, %v", now, err)
	}
}

func TestConformance(t *testing.T) { executortest.Run(t, newExecutor) }
