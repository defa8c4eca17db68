package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// killRounds is how often the process is killed; POSTERN_KILL_ROUNDS sets another number.
const killRounds = 200

// killWriters write at the same time, so that several changes share one sync.
const killWriters = 4

// TestKilledLosesNothing kills the real binary with SIGKILL at a random moment under
// a load of writes, over and over on one data directory, and finds after each restart
// every change that was acknowledged. A change that was not may be there or not, but
// only whole.
func TestKilledLosesNothing(t *testing.T) {
	rounds := killRounds
	if s := os.Getenv("POSTERN_KILL_ROUNDS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatalf("POSTERN_KILL_ROUNDS: %v", err)
		}
	}
	bin := buildPostern(t, t.TempDir())
	k := &killed{t: t, bin: bin, dir: t.TempDir(), want: map[string]*killedAPI{}}
	for range rounds {
		k.round()
	}
	k.start()
	k.check()
	k.end()
	t.Logf("%d rounds, %d acknowledged changes, %d APIs in the end", rounds, k.acknowledged.Load(), len(k.want))
}

// killedAPI is what is known of one REST API.
type killedAPI struct {
	name    string // last acknowledged
	trying  string // sent and not acknowledged; "" none, "\x00" a deletion
	deleted bool
}

type killed struct {
	t            *testing.T
	bin, dir     string
	url          string
	cmd          *exec.Cmd
	acknowledged atomic.Int64

	mu   sync.Mutex
	want map[string]*killedAPI
	next int
}

func (k *killed) start() {
	k.t.Helper()
	cmd := exec.Command(k.bin, "start", "--listen", "127.0.0.1:0", "--executor", "process", "--data-dir", k.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.cmd = cmd
	head := make([]byte, 0, 4096)
	buf := make([]byte, 4096)
	for {
		n, err := out.Read(buf)
		head = append(head, buf[:n]...)
		if k.url = listening.FindString(string(head)); k.url != "" {
			break
		}
		if err != nil {
			k.t.Fatalf("postern did not start: %v\n%s%s", err, head, log.String())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
}

func (k *killed) end() {
	_ = k.cmd.Process.Kill()
	_ = k.cmd.Wait()
}

// round starts, checks what the rounds before left, writes, and kills after a random
// number of acknowledgements, while other writes are on their way.
func (k *killed) round() {
	k.start()
	k.check()
	left := atomic.Int64{}
	left.Store(rand.Int64N(40))
	var once sync.Once
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var writers sync.WaitGroup
	for range killWriters {
		writers.Go(func() {
			for k.write(client) == nil {
				k.acknowledged.Add(1)
				if left.Add(-1) < 0 {
					once.Do(func() { _ = k.cmd.Process.Kill() })
				}
			}
		})
	}
	writers.Wait()
	k.end()
}

// write makes one change: a new API, a new name for one, or its deletion.
func (k *killed) write(client *http.Client) error {
	k.mu.Lock()
	k.next++
	name := fmt.Sprintf("api-%d", k.next)
	var id string
	var api *killedAPI
	if rand.IntN(3) > 0 {
		for candidate, a := range k.want {
			if a.trying == "" && !a.deleted {
				id, api = candidate, a
				break
			}
		}
	}
	if api != nil {
		api.trying = name
		if rand.IntN(2) == 0 { // as many as are made: an account may not have many
			api.trying = "\x00"
		}
	}
	k.mu.Unlock()

	switch {
	case api == nil:
		var made struct{ ID string }
		if err := k.call(client, http.MethodPost, "/restapis", map[string]any{"name": name, "endpointConfiguration": map[string]any{"types": []string{"REGIONAL"}}}, &made); err != nil {
			return err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.want[made.ID] = &killedAPI{name: name}
		return nil
	case api.trying == "\x00":
		if err := k.call(client, http.MethodDelete, "/restapis/"+id, nil, nil); err != nil {
			return err
		}
	default:
		patch := map[string]any{"patchOperations": []map[string]string{{"op": "replace", "path": "/name", "value": name}}}
		if err := k.call(client, http.MethodPatch, "/restapis/"+id, patch, nil); err != nil {
			return err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if api.deleted = api.trying == "\x00"; !api.deleted {
		api.name = api.trying
	}
	api.trying = ""
	return nil
}

// call fails without a word when the process is dead, and the test when it answers
// anything but success.
func (k *killed) call(client *http.Client, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(method, k.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		k.t.Errorf("%s %s answered %s: %s", method, path, res.Status, text)
		return fmt.Errorf("answered %s", res.Status)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// check compares everything with what was acknowledged, and settles what was not.
func (k *killed) check() {
	k.t.Helper()
	have := map[string]string{}
	for position := ""; ; {
		var page struct {
			Position string
			Item     []struct{ ID, Name string }
		}
		path := "/restapis?limit=500"
		if position != "" {
			path += "&position=" + position
		}
		if err := k.call(http.DefaultClient, http.MethodGet, path, nil, &page); err != nil {
			k.t.Fatal(err)
		}
		for _, api := range page.Item {
			have[api.ID] = api.Name
		}
		if position = page.Position; position == "" {
			break
		}
	}
	for id, api := range k.want {
		name, there := have[id]
		delete(have, id)
		gone := !there && (api.deleted || api.trying == "\x00")
		kept := there && !api.deleted && (name == api.name || name == api.trying)
		if !gone && !kept {
			k.t.Fatalf("API %s: found %q (there: %v), want %+v", id, name, there, *api)
		}
		if gone {
			delete(k.want, id)
			continue
		}
		api.name, api.trying = name, ""
	}
	for id, name := range have {
		if !strings.HasPrefix(name, "api-") {
			k.t.Fatalf("API %s has the name %q that nobody gave it", id, name)
		}
		k.want[id] = &killedAPI{name: name} // made, but killed before the answer
	}
}
