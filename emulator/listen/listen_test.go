package listen_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/postern/postern/emulator/listen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves handler until the test ends.
func start(t *testing.T, handler http.HandlerFunc, authority *listen.Authority) *listen.Server {
	t.Helper()
	ln, err := listen.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := listen.New(ln, handler, authority, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

func sayProtocol(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s tls=%t", r.Proto, r.TLS != nil)
}

// client speaks only what is asked for, and connects to s whatever the name.
func client(t *testing.T, s *listen.Server, authority *listen.Authority, set func(*http.Protocols)) *http.Client {
	t.Helper()
	protocols := new(http.Protocols)
	set(protocols)
	transport := &http.Transport{
		Protocols: protocols,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.Addr().String())
		},
	}
	if authority != nil {
		pem, err := authority.PEM()
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestOnePortSpeaksEverything(t *testing.T) {
	authority := listen.NewAuthority("")
	s := start(t, sayProtocol, authority)
	for _, tc := range []struct {
		name, url string
		set       func(*http.Protocols)
		want      string
	}{
		{"http/1.1", "http://localhost/", func(p *http.Protocols) { p.SetHTTP1(true) }, "HTTP/1.1 tls=false"},
		{"h2c", "http://localhost/", func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }, "HTTP/2.0 tls=false"},
		{"https/1.1", "https://abc.execute-api.localhost/", func(p *http.Protocols) { p.SetHTTP1(true) }, "HTTP/1.1 tls=true"},
		{"h2", "https://api.example.com/", func(p *http.Protocols) { p.SetHTTP1(true); p.SetHTTP2(true) }, "HTTP/2.0 tls=true"},
		{"by address", "https://127.0.0.1/", func(p *http.Protocols) { p.SetHTTP2(true) }, "HTTP/2.0 tls=true"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := client(t, s, authority, tc.set)
			for range 2 { // the second on the same connection
				res, err := c.Get(tc.url)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || string(body) != tc.want {
					t.Errorf("got %q (%v), want %q", body, err, tc.want)
				}
			}
		})
	}
}

func TestAuthorityIsKept(t *testing.T) {
	dir := t.TempDir() + "/tls"
	first, err := listen.NewAuthority(dir).PEM()
	if err != nil {
		t.Fatal(err)
	}
	again := listen.NewAuthority(dir)
	second, err := again.PEM()
	if err != nil || string(first) != string(second) {
		t.Errorf("the authority changed (%v)", err)
	}
	s := start(t, sayProtocol, again)
	res, err := client(t, s, again, func(p *http.Protocols) { p.SetHTTP1(true) }).Get("https://kept.localhost/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

func TestShutdownWaitsForRequests(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		io.WriteString(w, "done")
	}, listen.NewAuthority(""))
	type answer struct {
		body string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		res, err := client(t, s, nil, func(p *http.Protocols) { p.SetHTTP1(true) }).Get("http://localhost/")
		if err != nil {
			answered <- answer{"", err}
			return
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		answered <- answer{string(body), err}
	}()
	<-entered
	drained := make(chan error, 1)
	go func() { drained <- s.Shutdown(context.Background()) }()
	// The port closes at once, though the request is still running.
	for {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			break
		}
		c.Close()
	}
	close(release)
	if got := <-answered; got.body != "done" || got.err != nil {
		t.Errorf("got %q, %v", got.body, got.err)
	}
	if err := <-drained; err != nil {
		t.Error(err)
	}
}

func TestShutdownGivesUp(t *testing.T) {
	entered := make(chan struct{})
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	}, listen.NewAuthority(""))
	failed := make(chan error, 1)
	go func() {
		res, err := client(t, s, nil, func(p *http.Protocols) { p.SetHTTP1(true) }).Get("http://localhost/")
		if err == nil {
			res.Body.Close()
		}
		failed <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
	if err := <-failed; err == nil {
		t.Error("the request was answered")
	}
}

func TestPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, err = listen.Listen(t.Context(), ln.Addr().String())
	if err == nil || !strings.Contains(err.Error(), "in use by another program") {
		t.Errorf("got %v", err)
	}
}

func TestGarbageAndTooLargeHeaders(t *testing.T) {
	s := start(t, sayProtocol, listen.NewAuthority(""))
	for name, tc := range map[string]struct{ send, want string }{
		"not http":         {"\x00\x01\x02\x03\r\n\r\n", "400"},
		"short request":    {"GET / HTTP/1.0\r\n\r\n", "200"},
		"short post":       {"POST / HTTP/1.0\r\n\r\n", "200"},
		"broken tls":       {"\x16\x03\x01\x00\x05hello", ""}, // an alert, or just the end
		"too large header": {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 80<<10) + "\r\n\r\n", "431"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			go io.WriteString(c, tc.send)
			line, _ := bufio.NewReader(c).ReadString('\n')
			if tc.want != "" && !strings.Contains(line, tc.want) {
				t.Errorf("got %q, want %s", line, tc.want)
			}
		})
	}
}

// TestKeepAliveAnswersAtOnce guards against head and body in two packets that
// wait for one another.
func TestKeepAliveAnswersAtOnce(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") }, listen.NewAuthority(""))
	c := client(t, s, nil, func(p *http.Protocols) { p.SetHTTP1(true) })
	fastest := time.Hour
	for range 20 {
		begin := time.Now()
		res, err := c.Get("http://localhost/")
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		fastest = min(fastest, time.Since(begin))
	}
	if fastest > 20*time.Millisecond {
		t.Errorf("the fastest of 20 requests took %v", fastest)
	}
}

// TestPanicInHandshake has what gives certificates fail for one client only.
func TestPanicInHandshake(t *testing.T) {
	s := start(t, sayProtocol, nil)
	s.Present(func(string) *tls.Certificate { panic("on purpose") })
	c, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // there is no certificate
	if err == nil {
		_ = c.Close()
		t.Fatal("a connection without a certificate")
	}
	res, err := http.Get("http://" + s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	http.DefaultClient.CloseIdleConnections()
}
