package docker

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
)

// TestEngineFromInsideAContainer runs tests of this package in a container that has the engine's socket, as Postern is run by
// docker compose: on a network of its own, and on the default one.
func TestEngineFromInsideAContainer(t *testing.T) {
	e := newExecutor(t, nil)
	program, err := buildRuntime()
	if err != nil {
		t.Fatal(err)
	}
	upload := testImage(t, program)
	for _, name := range []string{"postern-test-inside", network.NetworkBridge} {
		t.Run(name, func(t *testing.T) {
			if name != network.NetworkBridge {
				made, err := e.engine.NetworkCreate(t.Context(), name, network.CreateOptions{Labels: e.labels()})
				if err != nil {
					t.Fatal(err)
				}
				defer e.engine.NetworkRemove(e.background, made.ID)
			}
			created, err := e.engine.ContainerCreate(t.Context(),
				&container.Config{
					Image:      registry + "provided:al2023",
					Entrypoint: []string{"/docker.test", "-test.run=^TestEngine(Sandbox|LeavesNothing)$"},
					Env:        []string{"POSTERN_TEST_RUNTIME=/runtime"},
					Labels:     e.labels(),
				},
				&container.HostConfig{
					NetworkMode: container.NetworkMode(name),
					Binds:       []string{strings.TrimPrefix(e.engine.DaemonHost(), "unix://") + ":/var/run/docker.sock"},
				}, nil, nil, "")
			if err != nil {
				t.Fatal(err)
			}
			defer e.discard(created.ID)
			if err := e.engine.CopyToContainer(t.Context(), created.ID, "/", bytes.NewReader(upload), container.CopyToContainerOptions{}); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("docker", "start", "--attach", created.ID).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if !bytes.HasPrefix(out, []byte("PASS")) {
				t.Errorf("got %s", out)
			}
		})
	}
}

// testImage is a tar of this package's tests and of the program that they run as a function.
func testImage(t *testing.T, program []byte) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "docker.test")
	build := exec.Command("go", "test", "-c", "-o", file, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	tests, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for name, content := range map[string][]byte{"docker.test": tests, "runtime": program} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
