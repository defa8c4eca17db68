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

const proxyConnections = 16

// proxy measures HTTP_PROXY beside the backend alone and nginx.
func (s *suite) proxy() error {
	backend, addr, err := start(nil, "listening ", s.self, "-serve", "backend")
	if err != nil {
		return err
	}
	defer backend.stop()
	g, err := s.gateway("--executor", "process")
	if err != nil {
		return err
	}
	defer g.stop()
	api, err := g.quickCreate("http://" + addr + "/")
	if err != nil {
		return err
	}
	rows := []named{{"backend alone (floor)", target{addr: addr, host: addr, path: "/", pid: 0}}}
	if nginx, port, err := s.nginx(addr); err != nil {
		fmt.Println("  nginx is not installed: its rows are left out")
	} else {
		defer nginx.stop()
		rows = append(rows, named{"nginx, access log on", target{addr: "127.0.0.1:" + port, host: "bench", path: "/", pid: nginxWorker(nginx.pid())}})
	}
	rows = append(rows, named{"Postern, HTTP API HTTP_PROXY", api})
	return s.compare(rows, 1, 8, proxyConnections)
}

type named struct {
	name string
	target
}

// compare drives every row at every concurrency, rounds interleaved.
func (s *suite) compare(rows []named, concurrencies ...int) error {
	for _, c := range concurrencies {
		loads := make([][]load, len(rows))
		for range 3 {
			for i, r := range rows {
				l, err := drive(r.target, c, s.round)
				if err != nil {
					return fmt.Errorf("%s: %w", r.name, err)
				}
				loads[i] = append(loads[i], l)
			}
		}
		floor := mid(loads[0])
		for i, r := range rows {
			l := mid(loads[i])
			cpu := "      -"
			if l.cpu > 0 {
				cpu = fmt.Sprintf("%4.0f µs", us(l.cpu))
			}
			fmt.Printf("  c=%-3d %-34s %8.0f/s  p50 %7.0f µs  p99 %7.0f µs  cpu %s   rate x %.2f  p50 x %.2f\n",
				c, r.name, l.rate, us(l.p50), us(l.p99), cpu, l.rate/floor.rate, float64(l.p50)/float64(floor.p50))
		}
	}
	return nil
}

func mid(l []load) load {
	slices.SortFunc(l, func(a, b load) int { return int(a.rate - b.rate) })
	return l[len(l)/2]
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

// functions measures warm invocations through an HTTP API, each language beside
// the bare gateway that runs the same function, on each executor.
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
			t, err := g.quickCreate(arn)
			if err != nil {
				stop()
				return err
			}
			rows = append(rows, named{k.name + ", Postern " + executor, t})
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
