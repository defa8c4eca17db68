package process_test

import (
	"io"
	"log/slog"
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

func TestConformance(t *testing.T) { executortest.Run(t, newExecutor) }
