package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

const (
	startRounds = 9
	firstRounds = 5
)

func median[T interface{ ~int64 | ~float64 }](v []T) T {
	slices.Sort(v)
	return v[len(v)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func us(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// start measures exec to the first answer, and idle memory, beside a bare server.
func (s *suite) start() error {
	measure := func(name string, args func(port string) []string) (time.Duration, float64, error) {
		var times []time.Duration
		var mem []float64
		for range startRounds {
			port, err := freePort()
			if err != nil {
				return 0, 0, err
			}
			begin := time.Now()
			srv, _, err := start(nil, "", name, args(port)...)
			if err != nil {
				return 0, 0, err
			}
			err = awaitPort("127.0.0.1:" + port)
			if err == nil {
				var res *http.Response
				if res, err = http.Get("http://127.0.0.1:" + port + "/_postern/health"); err == nil {
					err = res.Body.Close()
				}
			}
			times = append(times, time.Since(begin))
			mem = append(mem, rss(srv.pid()))
			srv.stop()
			if err != nil {
				return 0, 0, err
			}
		}
		return median(times), median(mem), nil
	}
	bareTime, bareMem, err := measure(s.self, func(port string) []string { return []string{"-serve", "bare", port} })
	if err != nil {
		return err
	}
	ourTime, ourMem, err := measure(s.postern, func(port string) []string {
		return []string{"start", "--listen", "127.0.0.1:" + port, "--executor", "process", "--log-level", "error"}
	})
	if err != nil {
		return err
	}
	info, err := os.Stat(s.postern)
	if err != nil {
		return err
	}
	fmt.Printf("  %-34s %8.1f ms   bare net/http %8.1f ms   x %.2f\n", "exec to first answer", ms(ourTime), ms(bareTime), float64(ourTime)/float64(bareTime))
	fmt.Printf("  %-34s %8.1f MiB  bare net/http %8.1f MiB  x %.2f\n", "idle memory (RSS)", ourMem, bareMem, ourMem/bareMem)
	fmt.Printf("  %-34s %8.1f MiB\n", "binary (stripped)", float64(info.Size())/(1<<20))
	return nil
}

// kind is one language of the function rows.
type kind struct {
	name, runtime, handler string
	files                  map[string]string
	bare                   []string // command of the floor's process
}

func (s *suite) kinds() []kind {
	dir := filepath.Join("scripts", "bench", "functions")
	list := []kind{{"Go", "provided.al2023", "bootstrap", map[string]string{"bootstrap": s.goFunc}, []string{s.goFunc}}}
	if path, err := realPath("node", "-p", "process.execPath"); err == nil {
		list = append(list, kind{"Node", "nodejs20.x", "index.handler", map[string]string{"index.mjs": filepath.Join(dir, "index.mjs")},
			[]string{path, filepath.Join(dir, "bare_client.mjs")}})
	}
	if path, err := realPath("python3", "-c", "import sys; print(sys.executable)"); err == nil {
		list = append(list, kind{"Python", "python3.11", "lambda_function.lambda_handler",
			map[string]string{"lambda_function.py": filepath.Join(dir, "lambda_function.py")}, []string{path, filepath.Join(dir, "bare_client.py")}})
	}
	return list
}

// realPath asks an interpreter for its own path: a shim on PATH costs a start.
func realPath(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	return strings.TrimSpace(string(out)), err
}

// functions measures warm invocations through an HTTP and a REST API, each language
// beside the bare gateway that runs the same function, on each executor.
func (s *suite) functions() error {
	for _, k := range s.kinds() {
		floor, addr, err := start(nil, "listening ", s.self, append([]string{"-serve", "gateway"}, k.bare...)...)
		if err != nil {
			return err
		}
		rows := []named{{k.name + ", bare gateway (floor)", target{addr: addr, host: "bench", path: "/bench", pid: floor.pid()}}}
		var gateways []*gateway
		stop := func() {
			for _, g := range gateways {
				g.stop()
			}
			floor.stop()
		}
		for _, executor := range executors() {
			g, err := s.gateway("--executor", executor)
			if err != nil {
				stop()
				return err
			}
			gateways = append(gateways, g)
			arn, err := g.function("bench", k.runtime, k.handler, k.files)
			if err != nil {
				stop()
				return err
			}
			apis, err := g.functionAPIs(arn)
			if err != nil {
				stop()
				return err
			}
			for _, api := range apis {
				rows = append(rows, named{k.name + ", " + executor + ", " + api.name, api.target})
			}
		}
		err = s.compare(rows, 1, 8)
		stop()
		if err != nil {
			return err
		}
	}
	return nil
}

func executors() []string {
	if exec.Command("docker", "info").Run() == nil {
		return []string{"process", "docker"}
	}
	fmt.Println("  no docker engine answers: its rows are left out")
	return []string{"process"}
}

// first measures the first invocation of a new function per executor, beside exec
// of the same binary and `docker run` of the same image.
func (s *suite) first() error {
	for _, executor := range executors() {
		g, err := s.gateway("--executor", executor)
		if err != nil {
			return err
		}
		for _, k := range s.kinds() {
			var times []time.Duration
			for i := range firstRounds {
				name := fmt.Sprintf("first-%s-%d", strings.ToLower(k.name), i)
				if _, err := g.function(name, k.runtime, k.handler, k.files); err != nil {
					g.stop()
					return err
				}
				begin := time.Now()
				if _, err := g.lambda.Invoke(context.Background(), &lambda.InvokeInput{FunctionName: aws.String(name), Payload: []byte("{}")}); err != nil {
					g.stop()
					return err
				}
				times = append(times, time.Since(begin))
			}
			floorName, floor, err := s.firstFloor(executor, k)
			if err != nil {
				g.stop()
				return err
			}
			ours := median(times)
			fmt.Printf("  %-34s %8.1f ms   %-28s %8.1f ms   x %.2f\n", k.name+", "+executor, ms(ours), floorName, ms(floor), float64(ours)/float64(floor))
		}
		g.stop()
	}
	return nil
}
