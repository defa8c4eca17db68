package docker

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/pkg/stdcopy"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/runtimeapi"
)

func TestDefaultImage(t *testing.T) {
	for name, want := range map[string]string{
		"nodejs20.x": "nodejs:20", "nodejs24.x": "nodejs:24", "python3.11": "python:3.11", "python3.14": "python:3.14",
		"java8.al2": "java:8.al2", "java21": "java:21", "dotnet8": "dotnet:8", "dotnet10": "dotnet:10", "ruby3.4": "ruby:3.4",
		"go1.x": "go:1", "provided": "provided:alami", "provided.al2": "provided:al2", "provided.al2023": "provided:al2023",
	} {
		if got, err := defaultImage(name); err != nil || got != registry+want {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, registry+want)
		}
	}
	for _, name := range []string{"", "cobol1", "nodejs20.x@evil", "python3.11/../x"} {
		if got, err := defaultImage(name); err == nil {
			t.Errorf("%q: got %s, want an error", name, got)
		}
	}
}

func TestExitOf(t *testing.T) {
	for status, want := range map[int]executor.Exit{
		0: {}, 1: {Code: 1}, 127: {Code: 127}, 128: {Code: 128}, 129: {Code: 129}, 255: {Code: 255},
		137: {Signal: "killed"}, 139: {Signal: "segmentation fault"}, 143: {Signal: "terminated"},
	} {
		if got := exitOf(status); got != want {
			t.Errorf("%d: got %+v, want %+v", status, got, want)
		}
	}
}

func TestOutput(t *testing.T) {
	long := strings.Repeat("x", executor.MaxLine+3)
	for _, tc := range []struct {
		name  string
		write []string // e… goes to stderr, o… to stdout
		want  []string
	}{
		{"one line", []string{"oa\n"}, []string{"a\n"}},
		{"two in one piece", []string{"oa\nb\n"}, []string{"a\n", "b\n"}},
		{"one in two pieces", []string{"oa", "ob\n"}, []string{"ab\n"}},
		{"streams do not mix within lines", []string{"oa", "ex\n", "ob\n"}, []string{"x\n", "ab\n"}},
		{"unfinished", []string{"oa\nb"}, []string{"a\n", "b"}},
		{"empty line", []string{"o\n\n"}, []string{"\n", "\n"}},
		{"too long", []string{"o" + long + "\n"}, []string{long[:executor.MaxLine], "xxx\n"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var stream bytes.Buffer
			for _, w := range tc.write {
				kind := stdcopy.Stdout
				if w[0] == 'e' {
					kind = stdcopy.Stderr
				}
				if _, err := stdcopy.NewStdWriter(&stream, kind).Write([]byte(w[1:])); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			o := newOutput(func(l executor.Line) { got = append(got, string(l.Text)) }, time.Now)
			if err := o.copy(&stream); err != nil {
				t.Fatal(err)
			}
			called := false
			o.settle(func() { called = true })
			if !called {
				t.Error("settling waited after the end")
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOutputThatComesLate has a busy engine begin to pass output on only a while after
// the function has answered.
func TestOutputThatComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		o := newOutput(func(l executor.Line) { got = append(got, string(l.Text)) }, time.Now)
		time.AfterFunc(80*time.Millisecond, func() { _, _ = writer{o, &o.stdout}.Write([]byte("late\n")) })
		settled := make(chan struct{})
		o.settle(func() { got = append(got, "end\n"); close(settled) })
		<-settled
		if diff := cmp.Diff([]string{"late\n", "end\n"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPauseProgram(t *testing.T) {
	for arch, want := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		program, err := pauseProgram(arch)
		if err != nil {
			t.Fatal(err)
		}
		file, err := elf.NewFile(bytes.NewReader(program))
		if err != nil {
			t.Fatal(err)
		}
		if file.Machine != want || file.Progs[0].Filesz != uint64(len(program)) {
			t.Errorf("%s: got %v of %d bytes in %d", arch, file.Machine, file.Progs[0].Filesz, len(program))
		}
	}
	if _, err := pauseProgram("s390x"); err == nil {
		t.Error("got a program for s390x")
	}
}

func TestOwnHostname(t *testing.T) {
	id := strings.Repeat("0a", 32)
	for _, tc := range []struct{ line, want string }{
		{"702 690 8:1 /var/lib/docker/containers/" + id + "/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw", id},
		{"702 690 0:50 /containers/overlay-containers/" + id + "/userdata/hostname /etc/hostname rw - tmpfs tmpfs rw", id},
		// The engine's own machine sees other containers' mounts.
		{"702 690 0:50 / /var/lib/docker/containers/" + id + "/mounts/shm rw - tmpfs shm rw", ""},
		{"22 1 8:1 / / rw - ext4 /dev/sda1 rw", ""},
	} {
		got := ""
		if found := ownHostname().FindStringSubmatch(tc.line); found != nil {
			got = found[1]
		}
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.line, got, tc.want)
		}
	}
}

func TestChooseNetwork(t *testing.T) {
	at := func(ip string) *network.EndpointSettings { return &network.EndpointSettings{IPAddress: ip} }
	for _, tc := range []struct {
		name     string
		networks map[string]*network.EndpointSettings
		want     string
		network  string
	}{
		{"none", nil, "", ""},
		{"the host's", map[string]*network.EndpointSettings{"host": at("")}, "", ""},
		{"the bridge", map[string]*network.EndpointSettings{"bridge": at("172.17.0.2")}, "", "bridge"},
		{"a user's before the bridge", map[string]*network.EndpointSettings{"bridge": at("172.17.0.2"), "app": at("172.18.0.2")}, "", "app"},
		{"the first of a user's", map[string]*network.EndpointSettings{"b": at("172.19.0.2"), "a": at("172.18.0.2")}, "", "a"},
		{"the wanted", map[string]*network.EndpointSettings{"b": at("172.19.0.2"), "a": at("172.18.0.2")}, "b", "b"},
		{"not on the wanted", map[string]*network.EndpointSettings{"a": at("172.18.0.2")}, "b", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := chooseNetwork(tc.networks, tc.want); got != tc.network {
				t.Errorf("got %q, want %q", got, tc.network)
			}
		})
	}
}

func TestHostPath(t *testing.T) {
	dir := t.TempDir()
	if got, err := (reach{}).hostPath(dir); err != nil || got != dir {
		t.Errorf("outside a container: got %q, %v", got, err)
	}
	inside := reach{self: &self{mounts: []container.MountPoint{
		{Source: "/home/me", Destination: "/app"}, {Source: "/srv/code", Destination: "/app/code"},
	}}}
	for dir, want := range map[string]string{
		"/app/app": "/home/me/app", "/app": "/home/me", "/app/code/f": "/srv/code/f", "/app/codex": "/home/me/codex", "/tmp/x": "",
	} {
		if got, err := inside.hostPath(dir); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", dir, got, err, want)
		}
	}
}

func TestContextHost(t *testing.T) {
	t.Setenv("DOCKER_CONTEXT", "")
	dir := t.TempDir()
	write := func(name, content string) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	meta := func(name, host string) {
		write(fmt.Sprintf("contexts/meta/%x/meta.json", sha256.Sum256([]byte(name))), fmt.Sprintf(`{"Endpoints":{"docker":{"Host":%q}}}`, host))
	}
	if got, err := contextHost(dir); got != "" || err != nil {
		t.Errorf("no configuration: got %q, %v", got, err)
	}
	meta("desktop", "unix:///home/me/.docker/run/docker.sock")
	meta("far", "ssh://far")
	for _, tc := range []struct {
		config, want string
		fails        bool
	}{
		{`{}`, "", false},
		{`{"currentContext":"default"}`, "", false},
		{`{"currentContext":"desktop"}`, "unix:///home/me/.docker/run/docker.sock", false},
		{`{"currentContext":"far"}`, "", true},
		{`{"currentContext":"gone"}`, "", true},
		{`{`, "", true},
	} {
		write("config.json", tc.config)
		if got, err := contextHost(dir); got != tc.want || (err != nil) != tc.fails {
			t.Errorf("%s: got %q, %v, want %q", tc.config, got, err, tc.want)
		}
	}
}

func TestListenerTakesPeersOnly(t *testing.T) {
	for peers, want := range map[string]bool{"127.0.0.0/8": true, "172.17.0.0/16": false} {
		r := reach{listen: "127.0.0.1", advertise: "127.0.0.1", peers: netip.MustParsePrefix(peers)}
		listener, err := r.newListener()
		if err != nil {
			t.Fatal(err)
		}
		server := runtimeapi.Serve(listener, http.NotFoundHandler(), discard)
		answer, err := http.Get("http://" + r.address(listener))
		if err == nil {
			answer.Body.Close()
		}
		if got := err == nil; got != want {
			t.Errorf("peers %s: answered %v, want %v", peers, got, want)
		}
		server.Close()
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestIsAlive(t *testing.T) {
	if !isAlive(os.Getpid()) {
		t.Error("this process is dead")
	}
	ended := exec.Command("go", "version")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	if isAlive(ended.ProcessState.Pid()) {
		t.Error("a process that ended lives")
	}
}
