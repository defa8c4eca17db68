package limits

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func refuse(w http.ResponseWriter, r *http.Request) {
	drain(w, r, 50*time.Millisecond)
	w.WriteHeader(http.StatusForbidden)
}

// A client that does not go on sending gets its answer.
func TestDrainEnds(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(refuse))
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nonly this"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 403 ") {
		t.Errorf("got %q, %v", answer, err)
	}
}

// One that sends all of it does too, and goes on with the same connection.
func TestDrainReadsAll(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Drain(w, r)
		w.Header().Set("X-From", r.RemoteAddr)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer srv.Close()
	from := map[string]bool{}
	for range 2 {
		res, err := srv.Client().Post(srv.URL, "", strings.NewReader(strings.Repeat("x", Payload+1)))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		from[res.Header.Get("X-From")] = res.StatusCode == http.StatusForbidden
	}
	if len(from) != 1 {
		t.Errorf("the answers came to %v", from)
	}
}
