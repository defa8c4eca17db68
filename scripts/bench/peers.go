package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// nginxConf proxies to the backend with keep-alive connections on both sides.
const nginxConf = `
worker_processes 1;
daemon off;
pid %[1]s/nginx.pid;
error_log %[1]s/error.log;
events { worker_connections 512; }
http {
  access_log %[1]s/access.log;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
  keepalive_requests 10000000;
  upstream backend { server %[2]s; keepalive 64; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:%[3]s;
    location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`

func (s *suite) nginx(backend string) (*server, string, error) {
	path, err := exec.LookPath("nginx")
	if err != nil {
		return nil, "", err
	}
	dir := filepath.Join(s.dir, "nginx")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, "", err
	}
	port, err := freePort()
	if err != nil {
		return nil, "", err
	}
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, nginxConf, dir, backend, port), 0o644); err != nil {
		return nil, "", err
	}
	srv, _, err := start(nil, "", path, "-c", conf)
	if err != nil {
		return nil, "", err
	}
	if err := awaitPort("127.0.0.1:" + port); err != nil {
		return nil, "", err
	}
	// The master listens before its worker is there; an answer comes from the worker.
	res, err := http.Get("http://127.0.0.1:" + port)
	if err != nil {
		return nil, "", err
	}
	return srv, port, res.Body.Close()
}

// nginxWorker finds the process that serves: the master's only child.
func nginxWorker(master int) int {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		if f[1] == strconv.Itoa(master) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			return pid
		}
	}
	return 0
}

// firstFloor is what the same start costs without Postern: until the function's
// process, started by exec or docker run, asks for its first event.
func (s *suite) firstFloor(executor string, k kind) (string, time.Duration, error) {
	if executor == "docker" {
		// The container only has to come up and end: its own first poll comes on top.
		var times []time.Duration
		for range firstRounds {
			begin := time.Now()
			if out, err := exec.Command("docker", "run", "--rm", "--entrypoint", "/bin/true", dockerImage(k.runtime)).CombinedOutput(); err != nil {
				return "", 0, fmt.Errorf("docker run: %w\n%s", err, out)
			}
			times = append(times, time.Since(begin))
		}
		return "docker run of the image", median(times), nil
	}
	var times []time.Duration
	for range firstRounds {
		polled := make(chan struct{}, 1)
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case polled <- struct{}{}:
			default:
			}
			<-r.Context().Done()
		}))
		begin := time.Now()
		cmd := exec.Command(k.bare[0], k.bare[1:]...)
		cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + api.Listener.Addr().String(), "_HANDLER=" + k.handler, "PATH=" + os.Getenv("PATH")}
		if err := cmd.Start(); err != nil {
			return "", 0, err
		}
		<-polled
		times = append(times, time.Since(begin))
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		api.CloseClientConnections()
		api.Close()
	}
	return "exec to its first poll", median(times), nil
}

func dockerImage(runtime string) string {
	switch {
	case strings.HasPrefix(runtime, "nodejs"):
		return "public.ecr.aws/lambda/nodejs:" + strings.TrimSuffix(strings.TrimPrefix(runtime, "nodejs"), ".x")
	case strings.HasPrefix(runtime, "python"):
		return "public.ecr.aws/lambda/python:" + strings.TrimPrefix(runtime, "python")
	}
	return "public.ecr.aws/lambda/provided:" + strings.TrimPrefix(runtime, "provided.")
}
