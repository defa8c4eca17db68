package docker

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
)

// sampleEvery limits how often the engine is asked what a container uses, which costs it some milliseconds.
const sampleEvery = time.Second

// memory remembers the most memory that an environment was seen to use.
type memory struct {
	mu      sync.Mutex
	peak    int64
	sampled time.Time
	running bool
}

// recent is the peak as far as it is known, and has it measured again in the background if that was long ago.
func (m *memory) recent(env *environment) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.running && env.executor.config.Now().Sub(m.sampled) >= sampleEvery {
		m.running = true
		go m.sample(env)
	}
	return m.peak
}

// sample asks the engine. A container that has ended keeps what was seen before.
func (m *memory) sample(env *environment) {
	e := env.executor
	used := e.memoryOf(env.id)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.peak = max(m.peak, used)
	m.sampled = e.config.Now()
	m.running = false
}

func (e *Executor) memoryOf(id string) int64 {
	ctx, cancel := context.WithTimeout(e.background, cleanupLimit)
	defer cancel()
	answer, err := e.engine.ContainerStatsOneShot(ctx, id)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	var stats container.StatsResponse
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		return 0
	}
	used := stats.MemoryStats.Usage
	// Files in the page cache can be dropped; cgroup versions 1 and 2 count them under different names.
	for _, name := range []string{"total_inactive_file", "inactive_file"} {
		if cached, ok := stats.MemoryStats.Stats[name]; ok {
			used -= min(used, cached)
			break
		}
	}
	return int64(used)
}
