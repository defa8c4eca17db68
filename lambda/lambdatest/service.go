package lambdatest

import (
	"archive/zip"
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/executor"
)

// Scope is the account and region of tests.
var Scope = store.Scope{Account: "000000000000", Region: "us-east-1"}

// NewService returns a service over x that ends with the test. What config leaves out is filled in.
func NewService(t testing.TB, x *Executor, config lambda.Config) *lambda.Service {
	t.Helper()
	if config.DB == nil {
		db, err := store.Open("")
		if err != nil {
			t.Fatal(err)
		}
		config.DB = db
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Pool == nil {
		config.Pool = executor.NewPool(executor.Config{Executor: x, Sink: NoLog{}, Now: config.Now, Logger: config.Logger})
	}
	s := lambda.New(config)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// NoLog is a LogSink that keeps nothing.
type NoLog struct{}

// PutLogEvents implements executor.LogSink.
func (NoLog) PutLogEvents(executor.LogStream, []executor.LogEvent) {}

// Zip makes an archive of files, given as name and content in turn.
func Zip(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
