package limits

import (
	"io"
	"net/http"
	"time"
)

// AWS's limits.
const (
	Payload = 10 << 20 // bytes of a request's body, or a response's
	Head    = 10240    // bytes of the request line and the headers' values
	ARN     = 1600     // bytes of a method's ARN as authorizers and policies get it
)

// unwanted is for how long Drain reads.
const unwanted = 5 * time.Second

// Drain reads what is left of a refused request's body: a client that is cut off while
// it sends does not get to read the answer. It reads no more than twice what may be
// sent, and not for long. A client that asked whether to send gets the answer instead.
func Drain(w http.ResponseWriter, r *http.Request) { drain(w, r, unwanted) }

func drain(w http.ResponseWriter, r *http.Request, within time.Duration) {
	if r.Body == nil || r.ContentLength == 0 || r.Header["Expect"] != nil {
		return
	}
	enough := time.AfterFunc(within, func() {
		_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)) // where there are no deadlines, there is no slow client
	})
	defer enough.Stop()
	_, _ = io.CopyN(io.Discard, r.Body, 2*Payload)
}
