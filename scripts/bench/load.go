package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// A load is what one round against one server measured.
type load struct {
	rate     float64 // requests per second
	p50, p99 time.Duration
	cpu      time.Duration // of the server process, per request
}

// target is one URL, dialled directly so that names need no DNS.
type target struct {
	addr string // host:port to dial
	host string // Host header
	path string
	pid  int // server process, 0: not measured
}

// drive sends GET requests on concurrency keep-alive connections for about d.
func drive(t target, concurrency int, d time.Duration) (load, error) {
	if err := warm(t, concurrency); err != nil {
		return load{}, err
	}
	cpuBefore := cpuTime(t.pid)
	start := time.Now()
	end := start.Add(d)
	var mu sync.Mutex
	var all []time.Duration
	var firstErr error
	var wg sync.WaitGroup
	for range concurrency {
		wg.Go(func() {
			lat, err := oneConnection(t, func() bool { return time.Now().Before(end) })
			mu.Lock()
			defer mu.Unlock()
			all = append(all, lat...)
			if err != nil && firstErr == nil {
				firstErr = err
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	if firstErr != nil {
		return load{}, firstErr
	}
	slices.Sort(all)
	l := load{rate: float64(len(all)) / elapsed.Seconds(), p50: all[len(all)/2], p99: all[len(all)*99/100]}
	if t.pid != 0 {
		l.cpu = (cpuTime(t.pid) - cpuBefore) / time.Duration(len(all))
	}
	return l, nil
}

// warmRequests bring caches, connections and environments to where they stay.
const warmRequests = 200

func warm(t target, concurrency int) error {
	var wg sync.WaitGroup
	errs := make(chan error, concurrency)
	for range concurrency {
		wg.Go(func() {
			n := 0
			_, err := oneConnection(t, func() bool { n++; return n <= warmRequests })
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func oneConnection(t target, more func() bool) ([]time.Duration, error) {
	c, err := net.Dial("tcp", t.addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	br := bufio.NewReaderSize(c, 16<<10)
	req := []byte("GET " + t.path + " HTTP/1.1\r\nHost: " + t.host + "\r\nUser-Agent: bench\r\n\r\n")
	lat := make([]time.Duration, 0, 1<<16)
	for more() {
		start := time.Now()
		if _, err := c.Write(req); err != nil {
			return nil, err
		}
		res, err := http.ReadResponse(br, nil)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s%s answered %s: %.200s", t.host, t.path, res.Status, body)
		}
		lat = append(lat, time.Since(start))
	}
	return lat, nil
}
