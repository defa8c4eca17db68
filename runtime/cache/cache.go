package cache

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
)

// Entry is a cached answer. It is shared: nobody changes it.
type Entry struct {
	Status  int
	Header  http.Header
	Body    []byte
	Expires time.Time
}

// MaxBody is the size from which on AWS does not keep an answer.
const MaxBody = 1 << 20

// Clusters holds the cache clusters of all stages. It is safe for concurrent use.
type Clusters struct {
	now func() time.Time
	mu  sync.Mutex
	all map[string]*Cluster // by API and stage
}

// New makes an empty set on the given clock.
func New(now func() time.Time) *Clusters {
	return &Clusters{now: now, all: map[string]*Cluster{}}
}

// Open gives a stage's cluster of a size in gigabytes as AWS writes it ("0.5").
func (c *Clusters) Open(apiID, stage, size string) *Cluster {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := clusterKey(apiID, stage)
	if have := c.all[key]; have != nil && have.size == size {
		return have
	}
	made := newCluster(size, c.now)
	c.all[key] = made
	return made
}

// Close gives up a stage's cluster and what is in it.
func (c *Clusters) Close(apiID, stage string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.all, clusterKey(apiID, stage))
}

// Flush forgets what a stage has cached.
func (c *Clusters) Flush(apiID, stage string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cluster := c.all[clusterKey(apiID, stage)]; cluster != nil {
		cluster.entries.InvalidateAll()
	}
}

// Reset gives up every cluster.
func (c *Clusters) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.all)
}

func clusterKey(apiID, stage string) string { return apiID + "/" + stage }

// Cluster is what one stage has cached.
type Cluster struct {
	size    string
	now     func() time.Time
	entries *otter.Cache[string, *Entry]
}

// sizes are those that AWS offers, in megabytes.
var sizes = map[string]uint64{
	"0.5": 512, "1.6": 1638, "6.1": 6246, "13.5": 13824, "28.4": 29082, "58.2": 59597, "118": 120832, "237": 242688,
}

func newCluster(size string, now func() time.Time) *Cluster {
	megabytes := sizes[size]
	if megabytes == 0 {
		megabytes = sizes["0.5"]
	}
	return &Cluster{size: size, now: now, entries: otter.Must(&otter.Options[string, *Entry]{
		MaximumWeight: megabytes << 20,
		Weigher:       weight,
	})}
}

// weight is roughly what an entry takes of memory.
func weight(key string, e *Entry) uint32 {
	const overhead = 256
	n := overhead + len(key) + len(e.Body)
	for name, values := range e.Header {
		n += len(name)
		for _, v := range values {
			n += len(v)
		}
	}
	return uint32(min(n, 1<<31))
}

// Get gives what is cached under a key and still fresh.
func (c *Cluster) Get(key string) (*Entry, bool) {
	e, ok := c.entries.GetIfPresent(key)
	if ok && !c.now().Before(e.Expires) {
		c.entries.Invalidate(key)
		return nil, false
	}
	return e, ok
}

// Put caches an answer for as long as given. Larger ones than MaxBody are not kept.
func (c *Cluster) Put(key string, e Entry, ttl time.Duration) {
	if ttl <= 0 || len(e.Body) >= MaxBody {
		return
	}
	e.Expires = c.now().Add(ttl)
	c.entries.Set(key, &e)
}

// Key writes the parts of a key so that no two lists of them look the same. A part
// may be missing, which is another thing than empty.
func Key(parts ...[]string) string {
	var b strings.Builder
	for _, part := range parts {
		for _, v := range part {
			b.WriteByte(1)
			for i := range len(v) {
				if v[i] <= 2 {
					b.WriteByte(2) // escapes the separators
				}
				b.WriteByte(v[i])
			}
		}
		b.WriteByte(0)
	}
	return b.String()
}

// CleanUp applies the bound now, where it otherwise is a matter of a moment.
func (c *Cluster) CleanUp() { c.entries.CleanUp() }
