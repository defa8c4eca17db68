package socket_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern/postern/internal/socket"
)

// pair gives both ends of a connection.
func pair(t testing.TB) (near, far *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Close(), s.Close() })
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

// stream is what plain connections are too.
type stream interface {
	net.Conn
	CloseWrite() error
}

// TestAnswersAsTheConnection has a quick connection and a plain one live through the same,
// and compares what their callers are told.
func TestAnswersAsTheConnection(t *testing.T) {
	read := func(c net.Conn, size int) string {
		p := make([]byte, size)
		n, err := c.Read(p)
		return told(n, p[:n], err)
	}
	for name, live := range map[string]func(t *testing.T, c stream, far *net.TCPConn) string{
		"bytes": func(t *testing.T, c stream, far *net.TCPConn) string {
			send(t, far, "hello")
			return read(c, 3) + read(c, 3)
		},
		"bytes that come while it waits": func(t *testing.T, c stream, far *net.TCPConn) string {
			done := make(chan string)
			go func() { done <- read(c, 9) }()
			send(t, far, "late")
			return <-done
		},
		"nothing asked": func(_ *testing.T, c stream, _ *net.TCPConn) string {
			n, err := c.Write(nil)
			return read(c, 0) + told(n, nil, err)
		},
		"the end": func(t *testing.T, c stream, far *net.TCPConn) string {
			send(t, far, "last")
			_ = far.CloseWrite()
			return read(c, 9) + read(c, 9) + read(c, 9)
		},
		"its own end": func(t *testing.T, c stream, far *net.TCPConn) string {
			if err := c.CloseWrite(); err != nil {
				return err.Error()
			}
			n, err := c.Write([]byte("more"))
			send(t, far, "still heard")
			return read(c, 20) + told(n, nil, err)
		},
		"a reset": func(t *testing.T, c stream, far *net.TCPConn) string {
			_ = far.SetLinger(0)
			_ = far.Close()
			first := read(c, 9)
			n, err := c.Write([]byte("x"))
			return first + told(n, nil, err)
		},
		"a deadline that has come": func(_ *testing.T, c stream, _ *net.TCPConn) string {
			_ = c.SetDeadline(time.Unix(1, 0))
			n, err := c.Write([]byte("x"))
			return read(c, 9) + told(n, nil, err)
		},
		"a deadline that comes": func(_ *testing.T, c stream, _ *net.TCPConn) string {
			done := make(chan string)
			go func() { done <- read(c, 9) }()
			_ = c.SetReadDeadline(time.Unix(1, 0))
			return <-done
		},
		"closed": func(_ *testing.T, c stream, _ *net.TCPConn) string {
			_ = c.Close()
			n, err := c.Write([]byte("x"))
			return read(c, 9) + told(n, nil, err)
		},
		"closed while it waits": func(_ *testing.T, c stream, _ *net.TCPConn) string {
			done := make(chan string)
			go func() { done <- read(c, 9) }()
			_ = c.Close()
			return <-done
		},
		"full": func(_ *testing.T, c stream, _ *net.TCPConn) string {
			_ = c.SetWriteDeadline(time.Unix(1, 0))
			n, err := c.Write(make([]byte, 1<<20))
			return told(n, nil, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			near, far := pair(t)
			want := live(t, near, far)
			near, far = pair(t)
			if got := live(t, socket.Quick(near), far); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// told is what a caller learns of a call.
func told(n int, p []byte, err error) string {
	var of *net.OpError
	var timeout net.Error
	text := ""
	if errors.As(err, &of) {
		text = fmt.Sprintf(" %s %s %v %v %v", of.Op, of.Net, of.Err, of.Source != nil, of.Addr != nil)
	}
	return fmt.Sprintf("[%d %q %T%s eof %v closed %v deadline %v timeout %v]", n, p, err, text,
		err == io.EOF, errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout()) //nolint:errorlint // readers compare it
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Error(err)
	}
}

func TestExchange(t *testing.T) {
	for name, tc := range map[string]struct {
		before func(t *testing.T, far *net.TCPConn)
		out    int
		answer func(t *testing.T, far *net.TCPConn) // to out
		want   string
	}{
		"an answer": {
			out:    100,
			answer: func(t *testing.T, far *net.TCPConn) { send(t, far, "yes") },
			want:   `100 3 "yes" <nil>`,
		},
		"an answer in pieces": {
			out:    1,
			answer: func(t *testing.T, far *net.TCPConn) { send(t, far, "a"); send(t, far, "b") },
			want:   `1 1 "a" <nil>`,
		},
		"the end": {
			out:    100,
			answer: func(_ *testing.T, far *net.TCPConn) { _ = far.Close() },
			want:   `100 0 "" EOF`,
		},
		"something was said before": {
			before: func(t *testing.T, far *net.TCPConn) { send(t, far, "x") },
			out:    100,
			want:   `0 0 "" connection is not silent`,
		},
		"it ended before": {
			before: func(_ *testing.T, far *net.TCPConn) { _ = far.CloseWrite() },
			out:    100,
			want:   `0 0 "" connection is not silent`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			near, far := pair(t)
			c := socket.Quick(near)
			if !c.Silent() {
				t.Error("a connection is not silent where nothing was said")
			}
			if tc.before != nil {
				tc.before(t, far)
				var one [1]byte
				raw, err := near.SyscallConn()
				if err != nil {
					t.Fatal(err)
				}
				// It has come when a look finds it.
				err = raw.Read(func(fd uintptr) bool {
					_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK)
					return err == nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				if _, err := io.ReadFull(far, make([]byte, tc.out)); err == nil {
					tc.answer(t, far)
				}
			}()
			in := make([]byte, 1+2*len(name))
			written, n, err := c.Exchange(make([]byte, tc.out), in)
			got := fmt.Sprintf("%d %d %q %v", written, n, in[:n], err)
			if name == "an answer in pieces" && got == `1 2 "ab" <nil>` {
				got = tc.want
			}
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			_ = c.Close()
			<-done
		})
	}
}

// TestExchangeOfMoreThanFits has nobody read: only a part is taken, and nothing is waited for.
func TestExchangeOfMoreThanFits(t *testing.T) {
	near, far := pair(t)
	c := socket.Quick(near)
	out, total := make([]byte, 1<<20), 0
	for {
		written, n, err := c.Exchange(out, make([]byte, 10))
		if total += written; err != nil || n != 0 || written == len(out) {
			t.Fatal(written, n, err)
		}
		if written == 0 {
			break
		}
	}
	_ = c.CloseWrite()
	if n, err := io.Copy(io.Discard, far); err != nil || n != int64(total) {
		t.Errorf("%d bytes came of %d: %v", n, total, err)
	}
}

func TestExchangeEnds(t *testing.T) {
	near, far := pair(t)
	c := socket.Quick(near)
	go func() {
		_, _ = io.ReadFull(far, make([]byte, 5)) // then it waits for the answer
		_ = c.SetReadDeadline(time.Unix(1, 0))
	}()
	written, n, err := c.Exchange([]byte("hello"), make([]byte, 10))
	if written != 5 || n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a deadline: %d %d %v", written, n, err)
	}
	if written, n, err = c.Exchange([]byte("hello"), make([]byte, 10)); written != 0 || n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after a deadline: %d %d %v", written, n, err)
	}
	_ = c.Close()
	if written, n, err = c.Exchange([]byte("hello"), make([]byte, 10)); written != 0 || n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %d %d %v", written, n, err)
	}
	if c.Silent() {
		t.Error("a closed connection is silent")
	}
}

// TestBothWaysAtOnce sends more than the buffers of both ends hold, in pieces of all sizes,
// and has it sent back.
func TestBothWaysAtOnce(t *testing.T) {
	near, far := pair(t)
	a, b := socket.Quick(near), socket.Quick(far)
	go func() {
		_, _ = io.CopyBuffer(struct{ io.Writer }{b}, struct{ io.Reader }{b}, make([]byte, 100_000))
		_ = b.CloseWrite()
	}()
	sent := bytes.Repeat([]byte("0123456789abcdefg"), 1<<20)
	var wg sync.WaitGroup
	wg.Go(func() {
		for rest, size := sent, 1; len(rest) > 0; size = size*3 + 1 {
			n, err := a.Write(rest[:min(size, len(rest))])
			if err != nil {
				t.Error(err)
				return
			}
			rest = rest[n:]
			if size > 300_000 {
				size = 1
			}
		}
		_ = a.CloseWrite()
	})
	got, err := io.ReadAll(a)
	wg.Wait()
	if err != nil || sha256.Sum256(got) != sha256.Sum256(sent) {
		t.Errorf("%d of %d bytes came back, or others: %v", len(got), len(sent), err)
	}
}

// BenchmarkExchange is a message there and back, beside the connection's own.
func BenchmarkExchange(b *testing.B) {
	for name, wrap := range map[string]func(*net.TCPConn) stream{
		"plain": func(c *net.TCPConn) stream { return c },
		"quick": func(c *net.TCPConn) stream { return socket.Quick(c) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				near, far := pair(b)
				x, y := wrap(near), wrap(far)
				go func() {
					_, _ = io.Copy(struct{ io.Writer }{y}, struct{ io.Reader }{y})
				}()
				p := make([]byte, 100)
				for pb.Next() {
					_, _ = x.Write(p)
					if _, err := io.ReadFull(x, p); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
