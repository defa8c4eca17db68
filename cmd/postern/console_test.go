package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConsole(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(newConsole(&out, slog.LevelInfo, false))
	handle := func(h slog.Handler, level slog.Level, message string, attrs ...slog.Attr) {
		r := slog.NewRecord(time.Date(2026, 1, 15, 12, 30, 1, 5e6, time.UTC), level, message, 0)
		r.AddAttrs(attrs...)
		if err := h.Handle(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	log.Debug("not shown")
	handle(log.Handler(), slog.LevelInfo, "ready")
	handle(log.With("component", "docker").Handler(), slog.LevelWarn, "pulled", slog.String("image", "a b"), slog.Any("err", errors.New("x\ny")))
	handle(log.WithGroup("g").With("k", 1).Handler(), slog.LevelError, "grouped", slog.Group("sub", "n", 2), slog.String("empty", ""))
	want := "12:30:01.005  INFO   ready\n" +
		"12:30:01.005  WARN   pulled  component=docker image=\"a b\" err=\"x\\ny\"\n" +
		"12:30:01.005  ERROR  grouped  g.k=1 g.sub.n=2 g.empty=\"\"\n"
	if diff := cmp.Diff(out.String(), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}
