package docker

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/executor/code"
	"github.com/postern/postern/lambda/executor/executortest"
)

func TestEngineSandbox(t *testing.T) {
	e := newExecutor(t, func(c *Config) {
		c.Endpoint = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("the emulator")) })
	})
	spec := goSpec(t)
	spec.Layers = []*code.Archive{
		archive(t, map[string][]byte{"a": []byte("first"), "b": []byte("first")}),
		archive(t, map[string][]byte{"b": []byte("second")}),
	}
	spec.Variables = map[string]string{"MINE": "yes"}
	env, d := startOne(t, prepare(t, e, spec), "sandbox")
	defer env.Shutdown(0)
	for _, tc := range []struct{ event, want string }{
		{"id", "993:990"},
		{"write /var/task/x", "open /var/task/x: read-only file system"},
		{"write /tmp/x", "written"},
		{"read /tmp/x", "x"},
		{"read /var/task/dir/data", "from the code"},
		{"read dir/data", "from the code"},
		{"read /opt/a", "first"},
		{"read /opt/b", "second"},
		{"env AWS_LAMBDA_FUNCTION_NAME", "f"},
		{"env MINE", "yes"},
		{"env TZ", ":UTC"},
		{"env LD_LIBRARY_PATH", "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"},
		{"env AWS_EXECUTION_ENV", ""},
		{"get AWS_ENDPOINT_URL", "the emulator"},
	} {
		if got := d.ask(t, tc.event); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.event, got, tc.want)
		}
	}
}

func TestEngineOtherNetwork(t *testing.T) {
	e := newExecutor(t, nil)
	made, err := e.engine.NetworkCreate(t.Context(), "postern-test-other", network.CreateOptions{Labels: e.labels()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.engine.NetworkRemove(e.background, made.ID)
	for _, isolate := range []bool{false, true} {
		on := newExecutor(t, func(c *Config) { c.Network, c.Isolate = "postern-test-other", isolate })
		env, d := startOne(t, prepare(t, on, goSpec(t)), "other")
		d.ask(t, "env X")
		env.Shutdown(0)
		if err := on.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEngineIgnoresArchitecture(t *testing.T) {
	e := newExecutor(t, func(c *Config) { c.IgnoreArchitecture = true })
	for _, architecture := range []string{"arm64", "x86_64"} {
		spec := goSpec(t)
		spec.Architecture = architecture
		env, d := startOne(t, prepare(t, e, spec), architecture)
		d.ask(t, "env X")
		env.Shutdown(0)
	}
}

func TestEngineRunsADirectory(t *testing.T) {
	program, err := buildRuntime()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	e := newExecutor(t, nil)
	spec := goSpec(t)
	spec.Code, spec.CodeDir = nil, dir
	env, d := startOne(t, prepare(t, e, spec), "directory")
	defer env.Shutdown(0)
	if err := os.WriteFile(filepath.Join(dir, "later"), []byte("seen"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := d.ask(t, "read later"); got != "seen" {
		t.Errorf("got %q", got)
	}
}

func TestEngineOutput(t *testing.T) {
	e := newExecutor(t, nil)
	env, d := startOne(t, prepare(t, e, goSpec(t)), "output")
	d.ask(t, "print one")
	d.ask(t, "partial two")
	flushed := make(chan struct{})
	env.Flush(func() { close(flushed) })
	<-flushed
	d.ask(t, "print three")
	env.Shutdown(0)
	if diff := cmp.Diff([]string{"one\n", "two", "three\n"}, d.lines); diff != "" {
		t.Error(diff)
	}
}

func TestEngineExit(t *testing.T) {
	e := newExecutor(t, nil)
	p := prepare(t, e, goSpec(t))
	for _, tc := range []struct {
		name string
		end  func(executor.Environment, *driver)
		want executor.Exit
	}{
		{"exit", func(_ executor.Environment, d *driver) { d.events <- "exit" }, executor.Exit{Code: 3}},
		{"kill", func(env executor.Environment, _ *driver) { env.Kill(); env.Kill() }, executor.Exit{Signal: "killed"}},
		{"memory", func(_ executor.Environment, d *driver) { d.events <- "allocate" }, executor.Exit{Signal: "killed", OutOfMemory: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env, d := startOne(t, p, "exit-"+tc.name)
			tc.end(env, d)
			if diff := cmp.Diff(tc.want, exited(t, env)); diff != "" {
				t.Error(diff)
			}
			env.Shutdown(0)
			env.Shutdown(time.Second)
		})
	}
}

func TestEngineLeavesNothing(t *testing.T) {
	for _, isolate := range []bool{false, true} {
		e := newExecutor(t, func(c *Config) { c.Isolate = isolate })
		p := prepare(t, e, goSpec(t))
		for _, id := range []string{"left-a", "left-b"} {
			_, d := startOne(t, p, id)
			d.ask(t, "env X")
		}
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if names := left(t, e); len(names) > 0 {
			t.Errorf("isolate %v: left %v", isolate, names)
		}
	}
}

func TestEngineCodeOutlivesItsRetirement(t *testing.T) {
	e := newExecutor(t, nil)
	p := prepare(t, e, goSpec(t))
	env, d := startOne(t, p, "retired")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if got := d.ask(t, "read dir/data"); got != "from the code" {
		t.Errorf("got %q", got)
	}
	env.Shutdown(0)
	if names := left(t, e); len(names) != 1 { // the held container
		t.Errorf("left %v", names)
	}
	if _, err := p.Start(t.Context(), executor.Start{ID: "late"}); err == nil {
		t.Error("a retired version started an environment")
	}
}

func TestEngineReplacesTheHeldContainer(t *testing.T) {
	e := newExecutor(t, nil)
	p := prepare(t, e, goSpec(t))
	for name, end := range map[string]func(id string) error{
		"killed": func(id string) error {
			if err := e.engine.ContainerKill(t.Context(), id, "KILL"); err != nil {
				return err
			}
			ended, failed := e.engine.ContainerWait(t.Context(), id, container.WaitConditionNotRunning)
			select {
			case <-ended:
				return nil
			case err := <-failed:
				return err
			}
		},
		"removed": func(id string) error { return e.removeContainer(t.Context(), id) },
	} {
		t.Run(name, func(t *testing.T) {
			held := e.hold.id
			if err := end(held); err != nil {
				t.Fatal(err)
			}
			env, d := startOne(t, p, name)
			defer env.Shutdown(0)
			d.ask(t, "env X")
			if e.hold.id == held {
				t.Error("it was not replaced")
			}
		})
	}
}

func TestEngineBadFunctions(t *testing.T) {
	e := newExecutor(t, nil)
	t.Run("no bootstrap", func(t *testing.T) {
		spec := goSpec(t)
		spec.Code = archive(t, map[string][]byte{"x": nil})
		_, err := prepare(t, e, spec).Start(t.Context(), executor.Start{ID: "none"})
		want := &executor.RuntimeError{
			Type: "Runtime.InvalidEntrypoint", Message: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
		}
		if diff := cmp.Diff(want, err); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("no image", func(t *testing.T) {
		spec := goSpec(t)
		spec.Code, spec.Image = nil, &executor.Image{URI: "127.0.0.1:1/nowhere:1"}
		_, err := e.Prepare(t.Context(), spec)
		if err == nil || !strings.Contains(err.Error(), "cannot pull image 127.0.0.1:1/nowhere:1") || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("image with a wrong entry point", func(t *testing.T) {
		spec := goSpec(t)
		spec.Code, spec.Runtime, spec.Image = nil, "", &executor.Image{URI: registry + "provided:al2023", EntryPoint: []string{"/nothing"}}
		_, err := prepare(t, e, spec).Start(t.Context(), executor.Start{ID: "entry"})
		want := &executor.RuntimeError{Type: "Runtime.InvalidEntrypoint", Message: "fork/exec /nothing: no such file or directory"}
		if diff := cmp.Diff(want, err); diff != "" {
			t.Error(diff)
		}
	})
}

// TestEngineSweep kills a process that has an environment, which cannot clean up then.
func TestEngineSweep(t *testing.T) {
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimVariable+"=1")
	victim.Stderr = t.Output()
	stdout, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	instance, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dead := &Executor{instance: strings.TrimSpace(instance)}

	newExecutor(t, nil)
	if names := left(t, dead); len(names) != 3 { // function, held container, volume
		t.Errorf("before: %v; swept what a running process owns", names)
	}
	victim.Process.Kill()
	victim.Wait()
	newExecutor(t, nil)
	if names := left(t, dead); len(names) > 0 {
		t.Errorf("left %v", names)
	}
}

const victimVariable = "POSTERN_TEST_VICTIM"

// beVictim starts an environment, says so, and waits to be killed.
func beVictim() error {
	e, err := New(context.Background(), Config{Logger: discard, Now: time.Now})
	if err != nil {
		return err
	}
	spec := &executor.Spec{Runtime: "python3.11", Handler: "x.y", MemoryMB: 128, Layers: []*code.Archive{{}}}
	p, err := e.Prepare(context.Background(), spec)
	if err != nil {
		return err
	}
	forever := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	if _, err := p.Start(context.Background(), executor.Start{ID: "victim", API: forever, Output: func(executor.Line) {}}); err != nil {
		return err
	}
	fmt.Println(e.instance)
	select {}
}

func TestEngineMemoryUsed(t *testing.T) {
	e := newExecutor(t, nil)
	env, d := startOne(t, prepare(t, e, goSpec(t)), "memory-used")
	defer env.Shutdown(0)
	d.ask(t, "env X")
	env.(*environment).memory.sample(env.(*environment))
	if used := env.MemoryUsed(); used < 1<<20 || used > 128<<20 {
		t.Errorf("got %d bytes", used)
	}
}

func TestDaemonDown(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
	_, err := New(context.Background(), Config{Logger: discard, Now: time.Now})
	want := "Docker does not answer at unix:///nowhere/docker.sock: start it, or use --executor process"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEngineConformance(t *testing.T) {
	executortest.Run(t, func(t *testing.T) executor.Executor {
		e := newExecutor(t, nil)
		t.Cleanup(func() {
			if names := left(t, e); len(names) > 0 {
				t.Errorf("left %v", names)
			}
		})
		return e
	})
}
