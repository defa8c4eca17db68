package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// console writes log records for a person, in the manner of the request lines
// that they stand among:
//
//	15:04:05.678  WARN  image pulled  component=docker image=python:3.12
type console struct {
	out   *output
	level slog.Level
	color bool
	attrs string // of With, ready to be written
	group string // prefix of keys
}

type output struct {
	mu sync.Mutex
	w  io.Writer
}

func newConsole(w io.Writer, level slog.Level, color bool) *console {
	return &console{out: &output{w: w}, level: level, color: color}
}

func (c *console) Enabled(_ context.Context, level slog.Level) bool { return level >= c.level }

func (c *console) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	if !r.Time.IsZero() {
		b.WriteString(r.Time.Format("15:04:05.000  "))
	}
	b.WriteString(c.paint(r.Level))
	b.WriteString("  ")
	b.WriteString(r.Message)
	attrs := c.attrs
	r.Attrs(func(a slog.Attr) bool {
		attrs += render(c.group, a)
		return true
	})
	if attrs != "" {
		b.WriteString(" " + attrs)
	}
	b.WriteByte('\n')
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	_, err := io.WriteString(c.out.w, b.String())
	return err
}

func (c *console) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *c
	for _, a := range attrs {
		with.attrs += render(c.group, a)
	}
	return &with
}

func (c *console) WithGroup(name string) slog.Handler {
	if name == "" {
		return c
	}
	with := *c
	with.group += name + "."
	return &with
}

func (c *console) paint(level slog.Level) string {
	name := fmt.Sprintf("%-5s", level)
	switch {
	case !c.color:
		return name
	case level >= slog.LevelError:
		return "\x1b[31m" + name + "\x1b[0m"
	case level >= slog.LevelWarn:
		return "\x1b[33m" + name + "\x1b[0m"
	}
	return "\x1b[2m" + name + "\x1b[0m"
}

// render gives " key=value", or one for each member of a group.
func render(group string, a slog.Attr) string {
	value := a.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		all := ""
		for _, member := range value.Group() {
			all += render(group, member)
		}
		return all
	}
	if a.Equal(slog.Attr{}) {
		return ""
	}
	text := value.String()
	if text == "" || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == '"' || c == '=' || !unicode.IsPrint(c) }) {
		text = strconv.Quote(text)
	}
	return " " + group + a.Key + "=" + text
}
