package http1

import (
	"net/http"
	"sync/atomic"
)

// date is the time that answers tell, which changes once per second.
type date struct{ last atomic.Pointer[second] }

type second struct {
	unix int64
	text string
}

func (d *date) text() string {
	t := now()
	if s := d.last.Load(); s != nil && s.unix == t.Unix() {
		return s.text
	}
	s := &second{t.Unix(), t.UTC().Format(http.TimeFormat)}
	d.last.Store(s)
	return s.text
}
