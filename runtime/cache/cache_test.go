package cache_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern/postern/runtime/cache"
)

// clock is moved by hand.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newClock() *clock { return &clock{time.Date(2024, 7, 22, 22, 52, 30, 0, time.UTC)} }

func TestEntriesExpire(t *testing.T) {
	at := newClock()
	c := cache.New(at.now).Open("api", "prod", "0.5")
	c.Put("k", cache.Entry{Status: 200, Body: []byte("x")}, 10*time.Second)
	at.t = at.t.Add(10*time.Second - 1)
	if e, ok := c.Get("k"); !ok || e.Status != 200 || string(e.Body) != "x" {
		t.Errorf("before the end: got %v, %t", e, ok)
	}
	at.t = at.t.Add(1)
	if e, ok := c.Get("k"); ok {
		t.Errorf("after the end: got %v", e)
	}
}

func TestWhatIsNotKept(t *testing.T) {
	c := cache.New(newClock().now).Open("api", "prod", "0.5")
	c.Put("no time to live", cache.Entry{}, 0)
	c.Put("large", cache.Entry{Body: make([]byte, cache.MaxBody)}, time.Hour)
	c.Put("small enough", cache.Entry{Body: make([]byte, cache.MaxBody-1)}, time.Hour)
	for key, want := range map[string]bool{"no time to live": false, "large": false, "small enough": true} {
		if _, ok := c.Get(key); ok != want {
			t.Errorf("%s: got %t, want %t", key, ok, want)
		}
	}
}

func TestClustersOutliveTheirUsers(t *testing.T) {
	all := cache.New(newClock().now)
	put := func(api, stage, size string) {
		all.Open(api, stage, size).Put("k", cache.Entry{Status: 200}, time.Hour)
	}
	has := func(what, api, stage, size string, want bool) {
		t.Helper()
		if _, ok := all.Open(api, stage, size).Get("k"); ok != want {
			t.Errorf("%s: got %t, want %t", what, ok, want)
		}
	}
	put("a", "prod", "0.5")
	put("a", "dev", "0.5")
	put("b", "prod", "0.5")
	has("opened again", "a", "prod", "0.5", true)
	all.Flush("a", "prod")
	has("flushed", "a", "prod", "0.5", false)
	has("another stage than the flushed one", "a", "dev", "0.5", true)
	has("another size", "a", "dev", "1.6", false)
	all.Close("b", "prod")
	has("closed", "b", "prod", "0.5", false)
	put("a", "prod", "0.5")
	put("b", "prod", "0.5")
	all.Reset()
	has("reset", "a", "prod", "0.5", false)
}

func TestClustersAreBounded(t *testing.T) {
	c := cache.New(newClock().now).Open("api", "prod", "0.5")
	body := make([]byte, cache.MaxBody-1)
	for i := range 600 { // of nearly a megabyte each; the memory is shared
		c.Put(strings.Repeat("k", i+1), cache.Entry{Body: body}, time.Hour)
	}
	c.CleanUp()
	held := 0
	for i := range 600 {
		if _, ok := c.Get(strings.Repeat("k", i+1)); ok {
			held++
		}
	}
	if held > 512 || held < 256 {
		t.Errorf("half a gigabyte holds %d answers of a megabyte", held)
	}
}

func TestKeysAreDistinct(t *testing.T) {
	seen := map[string]int{}
	for i, parts := range [][][]string{
		{{"a"}, {"b"}}, {{"a", "b"}}, {{"ab"}}, {{"a"}, nil, {"b"}}, {{"a"}, {"b"}, nil}, {{"a"}, {""}, {"b"}},
		{{"a\x00\x01b"}}, {{"a\x00"}, {"b"}}, {{"a\x02"}, {"b"}}, {nil}, {}, {{""}},
	} {
		key := cache.Key(parts...)
		if other, ok := seen[key]; ok {
			t.Errorf("keys %d and %d are the same", i, other)
		}
		seen[key] = i
	}
}
