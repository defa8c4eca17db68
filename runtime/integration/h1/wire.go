package h1

import (
	"errors"
	"os"
	"sync/atomic"
	"time"

	"github.com/postern/postern/internal/socket"
)

// wire is a connection whose exchanges have deadlines. To set one costs more than to
// look at the clock, and the next exchange's is mostly a little later than the last
// one's: so an earlier one stays, and is moved only if it comes.
type wire struct {
	socket.Stream
	unsent []byte    // a request that the next read sends first
	until  time.Time // the exchange's deadline; zero: none
	set    time.Time // the deadline that the connection has
	woken  atomic.Bool
}

var past = time.Unix(1, 0)

// bound begins an exchange that ends at until.
func (s *wire) bound(until time.Time) error {
	s.until = until
	if !s.set.IsZero() && !until.IsZero() && !s.set.After(until) || s.set.Equal(until) {
		return nil
	}
	return s.move()
}

func (s *wire) move() error {
	s.set = s.until
	return s.SetDeadline(s.until)
}

// wake has reads and writes fail from now on. It may be called by any goroutine.
func (s *wire) wake() {
	s.woken.Store(true)
	_ = s.SetDeadline(past) // a closed connection is awake already
}

// early tells whether a deadline came before the exchange's, which it then moves there.
func (s *wire) early(err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) || s.woken.Load() || s.set.Equal(s.until) {
		return false
	}
	// Who wakes the connection in between is heard all the same.
	return s.move() == nil && !s.woken.Load()
}

// Read implements net.Conn.
func (s *wire) Read(p []byte) (int, error) {
	for {
		n, err := s.read(p)
		if n > 0 || err == nil || !s.early(err) {
			return n, err
		}
	}
}

func (s *wire) read(p []byte) (int, error) {
	if len(s.unsent) == 0 {
		return s.Stream.Read(p)
	}
	written, n, err := s.Exchange(s.unsent, p)
	if s.unsent = s.unsent[written:]; err != nil || len(s.unsent) == 0 {
		return n, err
	}
	_, err = s.Write(s.unsent)
	if s.unsent = nil; err != nil && !socket.IsReset(err) {
		return 0, err
	}
	return s.Stream.Read(p)
}

// Write implements net.Conn.
func (s *wire) Write(p []byte) (int, error) {
	written := 0
	for {
		n, err := s.Stream.Write(p[written:])
		if written += n; err == nil || !s.early(err) {
			return written, err
		}
	}
}
