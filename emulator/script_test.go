package emulator_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs testdata/script/*.txtar, each with a Postern of its own: the
// real binary, in its own process, called by real clients. POSTERN_TEST_EXECUTORS
// names the Lambda executors that the scripts about functions run on.
//
// Commands beside testscript's own:
//
//	postern [flags]          start Postern; sets AWS_ENDPOINT_URL, POSTERN_URL, POSTERN_PORT
//	postern-stop             SIGTERM; it must end with status 0 and leave nothing behind
//	zip FILE name...         make a zip of files, executable ones kept so
//	capture NAME             put the last stdout, trimmed, into $NAME
//	moto                     start moto_server; sets MOTO_URL
//	until REGEXP cmd args... run cmd until its stdout matches, for a bounded time
//	http METHOD URL [body]   print status, headers and body; needs no DNS for *.localhost
func TestScripts(t *testing.T) {
	dir := t.TempDir()
	bin := buildPostern(t, dir)
	path := awsPath(t)
	names := os.Getenv("POSTERN_TEST_EXECUTORS")
	if names == "" {
		names = "process"
	}
	for executor := range strings.SplitSeq(names, ",") {
		t.Run(executor, func(t *testing.T) {
			pattern := "*.txtar"
			if executor != "process" {
				pattern = "lambda_*.txtar"
			}
			runScripts(t, bin, path, executor, pattern)
		})
	}
}

func buildPostern(t *testing.T, dir string) string {
	t.Helper()
	bin := filepath.Join(dir, "postern")
	buildProgram(t, bin, "../cmd/postern")
	return bin
}

func buildProgram(t *testing.T, file, pkg string) {
	t.Helper()
	build := exec.Command("go", "build", "-o", file, pkg)
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as a release is built
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
}

func runScripts(t *testing.T, bin, path, executor, pattern string) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "testdata", "script", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts %s: %v", pattern, err)
	}
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars,
				"PATH="+path,
				"REPO="+root,
				"EXECUTOR="+executor,
				"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1",
				"AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true",
				// aws, go and docker need a home and their caches.
				"HOME="+os.Getenv("HOME"), "GOCACHE="+goEnv("GOCACHE"), "GOMODCACHE="+goEnv("GOMODCACHE"), "GOFLAGS="+goEnv("GOFLAGS"), "GOPROXY="+goEnv("GOPROXY"),
				"DOCKER_HOST="+os.Getenv("DOCKER_HOST"),
			)
			env.Values[posternKey{}] = &scriptPostern{bin: bin, executor: executor}
			env.Defer(func() { env.Values[posternKey{}].(*scriptPostern).kill() })
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"postern":      cmdPostern,
			"postern-stop": cmdPosternStop,
			"zip":          cmdZip,
			"capture":      cmdCapture,
			"until":        cmdUntil,
			"http":         cmdHTTP,
			"moto":         cmdMoto,
		},
	})
}

func goEnv(name string) string {
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

type posternKey struct{}

type scriptPostern struct {
	bin, executor string
	cmd           *exec.Cmd
	tmp           string
	out           bytes.Buffer
}

func (p *scriptPostern) kill() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}

var listening = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func cmdPostern(ts *testscript.TestScript, neg bool, args []string) {
	p := ts.Value(posternKey{}).(*scriptPostern)
	p.kill()
	p.tmp = ts.MkAbs("postern-tmp")
	ts.Check(os.MkdirAll(p.tmp, 0o755))
	p.cmd = exec.Command(p.bin, append([]string{"start", "--listen", "127.0.0.1:0", "--executor", p.executor}, args...)...)
	p.cmd.Env = append(os.Environ(), "TMPDIR="+p.tmp)
	p.cmd.Dir = ts.MkAbs(".")
	stdout, err := p.cmd.StdoutPipe()
	ts.Check(err)
	p.cmd.Stderr = &p.out
	ts.Check(p.cmd.Start())
	lines := bufio.NewScanner(stdout)
	url := ""
	for url == "" && lines.Scan() {
		url = listening.FindString(lines.Text())
	}
	if url == "" {
		ts.Fatalf("postern did not start: %s", p.out.String())
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	ts.Check(err)
	ts.Setenv("POSTERN_PORT", port)
	ts.Setenv("POSTERN_URL", "http://localhost:"+port)
	ts.Setenv("AWS_ENDPOINT_URL", "http://localhost:"+port)
}

func cmdPosternStop(ts *testscript.TestScript, neg bool, args []string) {
	p := ts.Value(posternKey{}).(*scriptPostern)
	if p.cmd == nil {
		ts.Fatalf("postern does not run")
	}
	pid := p.cmd.Process.Pid
	ts.Check(p.cmd.Process.Signal(syscall.SIGTERM))
	timer := time.AfterFunc(30*time.Second, func() { _ = p.cmd.Process.Kill() })
	err := p.cmd.Wait()
	timer.Stop()
	p.cmd = nil
	if err != nil {
		ts.Fatalf("postern ended with %v\n%s", err, p.out.String())
	}
	left, err := os.ReadDir(p.tmp)
	ts.Check(err)
	for _, e := range left {
		ts.Fatalf("postern left %s in its temporary directory", e.Name())
	}
	if p.executor == "docker" {
		out, err := exec.Command("docker", "ps", "-aq", "--filter", fmt.Sprintf("label=dev.postern.pid=%d", pid)).Output()
		ts.Check(err)
		if len(bytes.TrimSpace(out)) > 0 {
			ts.Fatalf("postern left containers: %s", out)
		}
	}
}

func cmdZip(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: zip FILE name...")
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	zw := zip.NewWriter(f)
	for _, name := range args[1:] {
		path := ts.MkAbs(name)
		info, err := os.Stat(path)
		ts.Check(err)
		h, err := zip.FileInfoHeader(info)
		ts.Check(err)
		h.Name, h.Method = filepath.Base(name), zip.Deflate
		w, err := zw.CreateHeader(h)
		ts.Check(err)
		body, err := os.ReadFile(path)
		ts.Check(err)
		_, err = w.Write(body)
		ts.Check(err)
	}
	ts.Check(zw.Close())
}

func cmdCapture(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: capture NAME")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// untilTime bounds until, which runs one client after the other without a pause.
const untilTime = 30 * time.Second

func cmdUntil(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: until REGEXP cmd args...")
	}
	re, err := regexp.Compile(args[0])
	ts.Check(err)
	for began := time.Now(); time.Since(began) < untilTime; {
		err := ts.Exec(args[1], args[2:]...)
		if re.MatchString(ts.ReadFile("stdout")) != neg && (err == nil || neg) {
			return
		}
	}
	ts.Fatalf("%s never matched; last output:\n%s%s", args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
}

func cmdHTTP(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: http METHOD URL [body]")
	}
	var body io.Reader
	if len(args) > 2 {
		body = strings.NewReader(args[2])
	}
	req, err := http.NewRequest(args[0], args[1], body)
	ts.Check(err)
	client := &http.Client{
		Transport:     &http.Transport{DialContext: dialLocal(ts.Getenv("POSTERN_PORT")), DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	out := ts.Stdout()
	fmt.Fprintf(out, "%d\n", res.StatusCode)
	ts.Check(res.Header.Write(out))
	fmt.Fprintln(out)
	_, err = io.Copy(out, res.Body)
	ts.Check(err)
	if neg && res.StatusCode < 400 {
		ts.Fatalf("%s %s answered %d", args[0], args[1], res.StatusCode)
	}
}

// motoStart bounds how long moto may take to listen.
const motoStart = 30 * time.Second

// cmdMoto starts moto_server, which takes no port 0 that it would tell us about.
func cmdMoto(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Check(l.Close())
	cmd := exec.Command("moto_server", "-H", "127.0.0.1", "-p", port)
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	timer := time.AfterFunc(motoStart, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Running on") {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			ts.Setenv("MOTO_URL", "http://127.0.0.1:"+port)
			return
		}
	}
	ts.Fatalf("moto_server did not start")
}

// dialLocal connects to Postern whatever the name: *.localhost is not in every
// resolver.
func dialLocal(port string) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, ".localhost") {
			addr = "127.0.0.1:" + port
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
}
