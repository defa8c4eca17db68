package executor

import "sync"

// Reasons of a TooManyRequests.
const (
	ReasonReserved = "ReservedFunctionConcurrentInvocationLimitExceeded"
	ReasonAccount  = "ConcurrentInvocationLimitExceeded"
)

// DefaultConcurrency is an account's limit in each region unless set otherwise.
const DefaultConcurrency = 1000

// TooManyRequests says that an invocation found no free concurrency. AWS never queues synchronous invocations.
type TooManyRequests struct{ Reason string }

func (e *TooManyRequests) Error() string { return "Rate Exceeded." }

// Limits counts concurrent invocations per account and region and holds the functions' reserved concurrency.
type Limits struct {
	mu       sync.Mutex
	accounts map[[2]string]*concurrency
}

// concurrency is one account's in one region.
type concurrency struct {
	limit      int
	reserved   map[string]int // by function name
	running    map[string]int // by function name, of those with a reservation
	unreserved int            // running without a reservation
}

// slot is one unit of concurrency in use.
type slot struct {
	limits   *Limits
	account  *concurrency
	function string
	reserved bool
	released bool
}

func newLimits() *Limits { return &Limits{accounts: map[[2]string]*concurrency{}} }

// account is the record of one account in one region. l.mu is held.
func (l *Limits) account(account, region string) *concurrency {
	key := [2]string{account, region}
	c := l.accounts[key]
	if c == nil {
		c = &concurrency{limit: DefaultConcurrency, reserved: map[string]int{}, running: map[string]int{}}
		l.accounts[key] = c
	}
	return c
}

// SetAccount sets an account's limit in a region.
func (l *Limits) SetAccount(account, region string, limit int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.account(account, region).limit = limit
}

// Reserve sets a function's reserved concurrency, for all its versions together. Invocations that run already keep what
// they were counted against.
func (l *Limits) Reserve(account, region, function string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.account(account, region).reserved[function] = n
}

// Unreserve takes a function's reserved concurrency away.
func (l *Limits) Unreserve(account, region, function string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.account(account, region).reserved, function)
}

// Running is the number of invocations that count against the account's limit at the moment.
func (l *Limits) Running(account, region string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.account(account, region)
	n := a.unreserved
	for _, running := range a.running {
		n += running
	}
	return n
}

// take counts one more invocation or says why it cannot run.
func (l *Limits) take(account, region, function string) (*slot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.account(account, region)
	s := &slot{limits: l, account: a, function: function}
	if limit, ok := a.reserved[function]; ok {
		if a.running[function] >= limit {
			return nil, &TooManyRequests{ReasonReserved}
		}
		a.running[function]++
		s.reserved = true
		return s, nil
	}
	// AWS: reservations come out of the account's limit whether they are used or not.
	free := a.limit
	for _, n := range a.reserved {
		free -= n
	}
	if a.unreserved >= free {
		return nil, &TooManyRequests{ReasonAccount}
	}
	a.unreserved++
	return s, nil
}

// release gives the slot back, once.
func (s *slot) release() {
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	switch {
	case s.released:
	case s.reserved:
		if s.account.running[s.function]--; s.account.running[s.function] == 0 {
			delete(s.account.running, s.function)
		}
	default:
		s.account.unreserved--
	}
	s.released = true
}
