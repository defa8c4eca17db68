package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	serve := flag.String("serve", "", "internal: run as the named floor server")
	run := flag.String("run", "", "only sections whose name matches this expression")
	rows := flag.String("rows", "", "only rows whose name matches this expression, of the sections that drive load")
	seconds := flag.Float64("seconds", 2, "length of one round of load")
	postern := flag.String("postern", "", "measure this binary instead of building one")
	flag.Parse()
	if *serve != "" {
		if err := serveFloor(*serve, flag.Args()); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if err := bench(*run, *rows, *postern, time.Duration(*seconds*float64(time.Second))); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A section measures one thing and prints its rows.
type section struct {
	name string
	run  func(*suite) error
}

var sections = []section{
	{"start, memory, size", (*suite).start},
	{"proxy", (*suite).proxy},
	{"warm functions", (*suite).functions},
	{"first invocation", (*suite).first},
}

// suite is what the sections share: built binaries and the length of a round.
type suite struct {
	dir     string
	self    string // this program
	postern string
	goFunc  string // bootstrap of the Go function
	round   time.Duration
	rows    *regexp.Regexp
}

func bench(sectionFilter, rowFilter, postern string, round time.Duration) error {
	wanted, err := regexp.Compile(sectionFilter)
	if err != nil {
		return err
	}
	rows, err := regexp.Compile(rowFilter)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return err
	}
	// A leftover in the temporary directory is the system's to remove.
	defer func() { _ = os.RemoveAll(dir) }()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s := &suite{dir: dir, self: self, postern: filepath.Join(dir, "postern"), goFunc: filepath.Join(dir, "bootstrap"), round: round, rows: rows}
	if postern != "" {
		s.postern = postern
	}
	if err := s.build(postern == ""); err != nil {
		return err
	}
	for _, sec := range sections {
		if !wanted.MatchString(sec.name) {
			continue
		}
		fmt.Printf("\n%s\n", sec.name)
		if err := sec.run(s); err != nil {
			return fmt.Errorf("%s: %w", sec.name, err)
		}
	}
	return nil
}
