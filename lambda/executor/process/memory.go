package process

import (
	"os"
	"sync"
	"time"
)

// memoryAge is how old a measurement may be before another is made: reading it costs more than a warm invocation may.
const memoryAge = time.Second

// memory measures the most memory that a process has used.
type memory struct {
	pid int
	now func() time.Time

	mu    sync.Mutex
	bytes int64
	at    time.Time
	final bool
}

func (m *memory) peak() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := m.now(); !m.final && (m.bytes == 0 || now.Sub(m.at) > memoryAge) {
		m.bytes, m.at = max(m.bytes, peakMemory(m.pid)), now
	}
	return m.bytes
}

// ended takes what the system says about a process that it has waited for.
func (m *memory) ended(state *os.ProcessState) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bytes, m.final = max(m.bytes, finalMemory(state)), true
}
