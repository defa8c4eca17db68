package emulator

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"
)

// clock is the one clock of an emulator. Everything with a date or an expiry asks
// it, so that a test can move time (POST /_postern/clock) and not wait for it.
type clock struct {
	now    func() time.Time
	offset atomic.Int64 // nanoseconds
	moved  func()       // wakes those who wait for a time; nil: nobody does
}

// Now gives the emulator's time.
func (c *clock) Now() time.Time {
	return c.now().Add(time.Duration(c.offset.Load()))
}

// move sets by how much the emulator's time differs.
func (c *clock) move(offset time.Duration) {
	c.offset.Store(int64(offset))
	c.wake()
}

// advance moves the emulator's time on.
func (c *clock) advance(d time.Duration) {
	c.offset.Add(int64(d))
	c.wake()
}

func (c *clock) wake() {
	if c.moved != nil {
		c.moved()
	}
}

type clockState struct {
	Now    time.Time `json:"now"`
	Offset string    `json:"offset"`
}

// ServeHTTP answers GET with the time, and POST {"advance": "5m"} or
// {"now": "2026-01-02T15:04:05Z"} or {"advance": "reset"} by moving it first.
func (c *clock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		var in struct {
			Advance string    `json:"advance"`
			Now     time.Time `json:"now"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			writeJSON(w, http.StatusBadRequest, message(`body is not like {"advance": "5m"} or {"now": "2026-01-02T15:04:05Z"}: `+err.Error()))
			return
		}
		switch {
		case !in.Now.IsZero():
			c.move(in.Now.Sub(c.now()))
		case in.Advance == "reset":
			c.move(0)
		default:
			d, err := time.ParseDuration(in.Advance)
			if err != nil {
				writeJSON(w, http.StatusBadRequest, message("advance is not a duration like 90s or 5m, nor reset: "+err.Error()))
				return
			}
			c.advance(d)
		}
	}
	writeJSON(w, http.StatusOK, clockState{Now: c.Now().UTC(), Offset: time.Duration(c.offset.Load()).String()})
}

func message(text string) map[string]string { return map[string]string{"message": text} }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	// A client that went away is nobody's concern.
	_ = enc.Encode(v)
}
