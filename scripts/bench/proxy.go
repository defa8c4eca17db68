package main

import (
	"fmt"
	"slices"
)

const proxyConnections = 16

// proxy measures the kinds of API beside each other, the backend alone and nginx.
// Throttle, metrics and access log are on, as nginx's log is.
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
	rows := []named{{"backend alone (floor)", target{addr: addr, host: addr, path: "/", pid: 0}}}
	if nginx, port, err := s.nginx(addr); err != nil {
		fmt.Println("  nginx is not installed: its rows are left out")
	} else {
		defer nginx.stop()
		rows = append(rows, named{"nginx, access log on", target{addr: "127.0.0.1:" + port, host: "bench", path: "/", pid: nginxWorker(nginx.pid())}})
	}
	bare, bareAddr, err := start(nil, "listening ", s.self, "-serve", "proxy", addr)
	if err != nil {
		return err
	}
	defer bare.stop()
	rows = append(rows, named{"our server and client, bare", target{addr: bareAddr, host: addr, path: "/", pid: bare.pid()}})
	apis, err := g.proxyAPIs("http://" + addr + "/")
	if err != nil {
		return err
	}
	return s.compare(append(rows, apis...), 1, 8, proxyConnections)
}

type named struct {
	name string
	target
}

// compare drives every row at every concurrency, rounds interleaved. The first row
// is the floor of rate and latency; CPU is compared with the first that measures it.
func (s *suite) compare(rows []named, concurrencies ...int) error {
	rows = slices.DeleteFunc(rows, func(r named) bool { return !s.rows.MatchString(r.name) })
	if len(rows) == 0 {
		return nil
	}
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
		report(c, rows, loads)
	}
	return nil
}

func report(concurrency int, rows []named, loads [][]load) {
	floor := mid(loads[0])
	var floorCPU float64
	for i, r := range rows {
		l := mid(loads[i])
		cpu := "      -"
		if l.cpu > 0 {
			if floorCPU == 0 {
				floorCPU = us(l.cpu)
			}
			cpu = fmt.Sprintf("%4.0f µs x %.2f", us(l.cpu), us(l.cpu)/floorCPU)
		}
		fmt.Printf("  c=%-3d %-34s %8.0f/s x %.2f  p50 %7.0f µs x %.2f  p99 %7.0f µs  cpu %s\n",
			concurrency, r.name, l.rate, l.rate/floor.rate, us(l.p50), float64(l.p50)/float64(floor.p50), us(l.p99), cpu)
	}
}

func mid(l []load) load {
	slices.SortFunc(l, func(a, b load) int { return int(a.rate - b.rate) })
	return l[len(l)/2]
}
