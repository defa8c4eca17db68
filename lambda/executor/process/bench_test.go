package process_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/executor/executortest"
	"github.com/postern/postern/lambda/executor/process"
)

type discard struct{}

func (discard) PutLogEvents(executor.LogStream, []executor.LogEvent) {}

func newPool(b *testing.B, idleTTL time.Duration) *executor.Pool {
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	pool := executor.NewPool(executor.Config{
		Executor: process.New(process.Config{Now: time.Now, Logger: logger, Dir: b.TempDir()}),
		Sink:     discard{}, Now: time.Now, Logger: logger, IdleTTL: idleTTL,
	})
	b.Cleanup(func() { pool.Close(context.Background()) })
	return pool
}

func prepare(b *testing.B, pool *executor.Pool, language executortest.Language) *executor.Function {
	fn, err := pool.Prepare(b.Context(), language.Spec(b))
	if err != nil {
		b.Fatal(err)
	}
	return fn
}

var event = executor.Invocation{Payload: []byte(`{"do":"count"}`)}

// BenchmarkWarm is an invocation in an environment that is there; compare with BenchmarkWarmFloor.
func BenchmarkWarm(b *testing.B) {
	for _, language := range executortest.Languages {
		b.Run(language.Name, func(b *testing.B) {
			fn := prepare(b, newPool(b, 0), language)
			for i := 0; b.Loop(); i++ {
				if _, err := fn.Invoke(b.Context(), event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCold is the first invocation of a function whose code is unpacked; compare with BenchmarkColdFloor.
func BenchmarkCold(b *testing.B) {
	for _, language := range executortest.Languages {
		b.Run(language.Name, func(b *testing.B) {
			fn := prepare(b, newPool(b, -1), language)
			for b.Loop() {
				if _, err := fn.Invoke(b.Context(), event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// floor is a Runtime API that knows one invocation, and a process of the Go handler that polls it.
type floor struct {
	events, results chan []byte
	server          *http.Server
	cmd             *exec.Cmd
}

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "id")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
		w.Header().Set("Content-Type", "application/json")
		select {
		case event := <-f.events:
			w.Write(event)
		case <-r.Context().Done():
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	f.results <- body
	w.WriteHeader(http.StatusAccepted)
}

func startFloor(b *testing.B, dir string) *floor {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	f := &floor{events: make(chan []byte), results: make(chan []byte)}
	f.server = &http.Server{Handler: f}
	go f.server.Serve(ln)
	f.cmd = exec.Command(filepath.Join(dir, "bootstrap"))
	f.cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + ln.Addr().String()}
	if err := f.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return f
}

func (f *floor) stop() {
	f.cmd.Process.Kill()
	f.cmd.Wait()
	f.server.Close()
}

func unpackGo(b *testing.B) string {
	dir := b.TempDir()
	if err := executortest.Languages[0].Spec(b).Code.Unpack(dir); err != nil {
		b.Fatal(err)
	}
	return dir
}

func BenchmarkWarmFloor(b *testing.B) {
	f := startFloor(b, unpackGo(b))
	defer f.stop()
	for b.Loop() {
		f.events <- event.Payload
		<-f.results
	}
}

func BenchmarkColdFloor(b *testing.B) {
	dir := unpackGo(b)
	for b.Loop() {
		f := startFloor(b, dir)
		f.events <- event.Payload
		<-f.results
		b.StopTimer()
		f.stop()
		b.StartTimer()
	}
}
