package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern/postern/controlplane/store"
)

// The kill test. A child process writes with several writers at once and prints a
// line for each change that was acknowledged; the parent kills it at a random line
// and then finds every acknowledged change in the directory, and no half of one.

const (
	killChildDir = "POSTERN_KILL_TEST_DIR"
	// killRounds overrides how often the child is killed, killBudget how long that
	// may take in all.
	killRounds    = "POSTERN_KILL_ROUNDS"
	defaultRounds = 200
	killBudget    = 60 * time.Second
	killWriters   = 4
)

// childOfKillTest runs the writer when this process is the child.
func childOfKillTest() bool {
	dir := os.Getenv(killChildDir)
	if dir == "" {
		return false
	}
	if err := killChild(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

// killChild writes until it is killed. Change n of writer w puts a pair of records,
// deletes the pair before the last, and counts.
func killChild(dir string) error {
	store.SetWALLimit(8 << 10) // some kills are to meet a checkpoint
	db, err := store.Open(dir)
	if err != nil {
		return err
	}
	var out sync.Mutex
	failed := make(chan error)
	for w := range killWriters {
		go func() {
			n := 0
			_ = db.View(func(tx *store.Tx) error {
				if c, ok := items.Get(tx, us, counterKey(w)); ok {
					n = c.N
				}
				return nil
			})
			for {
				n++
				if err := db.Update(context.Background(), func(tx *store.Tx) error { killChange(tx, w, n); return nil }); err != nil {
					failed <- err
					return
				}
				out.Lock()
				fmt.Println(w, n)
				out.Unlock()
			}
		}()
	}
	return <-failed
}

func counterKey(w int) string { return fmt.Sprint("count-", w) }
func pairKey(w, n int) string { return fmt.Sprintf("pair-%d-%d", w, n) }
func valueOf(w, n int) *item  { return &item{N: n, Name: strings.Repeat(pairKey(w, n), 1+n%50)} }
func killChange(tx *store.Tx, w, n int) {
	items.Put(tx, us, pairKey(w, n), valueOf(w, n))
	others.Put(tx, eu, pairKey(w, n), valueOf(w, n))
	items.Delete(tx, us, pairKey(w, n-2))
	others.Delete(tx, eu, pairKey(w, n-2))
	items.Put(tx, us, counterKey(w), &item{N: n})
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	rounds := defaultRounds
	if s := os.Getenv(killRounds); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", killRounds, err)
		}
		rounds = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	acknowledged := make([]int, killWriters)
	begun := time.Now()
	round := 0
	for ; round < rounds && time.Since(begun) < killBudget; round++ {
		killOnce(t, dir, 1+rnd.IntN(60), acknowledged)
		checkAfterKill(t, dir, acknowledged)
		if t.Failed() {
			t.Fatalf("in round %d", round+1)
		}
	}
	t.Logf("killed %d times under %d acknowledged changes in %v", round, sum(acknowledged), time.Since(begun).Round(time.Millisecond))
	if round < rounds && os.Getenv("CI") == "true" {
		t.Errorf("only %d of %d rounds within %v", round, rounds, killBudget)
	}
}

// killOnce runs the child until it has acknowledged that many changes, kills it,
// and notes also what it had acknowledged and not yet been heard of.
func killOnce(t *testing.T, dir string, after int, acknowledged []int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(exe)
	child.Env = append(os.Environ(), killChildDir+"="+dir)
	child.Stderr = os.Stderr
	lines, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	heard := 0
	for sc := bufio.NewScanner(lines); sc.Scan(); {
		var w, n int
		if _, err := fmt.Sscan(sc.Text(), &w, &n); err != nil || w >= killWriters {
			continue // a line that the kill cut
		}
		acknowledged[w] = max(acknowledged[w], n)
		if heard++; heard == after {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); heard < after {
		t.Fatalf("the writer ended by itself after %d changes: %v", heard, err)
	}
}

func checkAfterKill(t *testing.T, dir string, acknowledged []int) {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatalf("after a kill: %v", err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	_ = db.View(func(tx *store.Tx) error {
		pairs := 0
		for w := range killWriters {
			n := 0
			if c, ok := items.Get(tx, us, counterKey(w)); ok {
				n = c.N
			}
			if n < acknowledged[w] {
				t.Errorf("writer %d: change %d was acknowledged, the last there is %d", w, acknowledged[w], n)
			}
			for k := max(1, n-1); k <= n; k++ {
				a, ok := items.Get(tx, us, pairKey(w, k))
				b, ok2 := others.Get(tx, eu, pairKey(w, k))
				if !ok || !ok2 || a.Name != valueOf(w, k).Name || b.Name != a.Name {
					t.Errorf("writer %d: change %d of %d is not whole", w, k, n)
				}
				pairs++
			}
		}
		if got := len(items.List(tx, us, "pair-")); got != pairs {
			t.Errorf("%d pairs are there, %d should be", got, pairs)
		}
		return nil
	})
}

func sum(list []int) int {
	n := 0
	for _, v := range list {
		n += v
	}
	return n
}
