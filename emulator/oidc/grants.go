package oidc

import (
	"container/list"
	"crypto/rand"
	"sync"
	"time"
)

// How long and how many codes and refresh tokens are remembered; where there are more,
// the oldest are forgotten.
const (
	codeLifetime    = time.Minute
	maxCodes        = 1000
	refreshLifetime = 30 * 24 * time.Hour
	maxRefresh      = 5000
)

// grant is what a person allowed a client by signing in.
type grant struct {
	client, redirect string
	scope            []string
	audience         []string
	nonce            string
	proof            proof
	person           person

	// Of the code's redemption, under the lock of grants.
	issuer  string // as the tokens name it
	spent   bool
	refresh string // the refresh token that is good now
}

// grants remembers what codes and refresh tokens stand for.
type grants struct {
	mu               sync.Mutex
	codes, refreshes tickets
}

func (g *grants) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.codes = tickets{life: codeLifetime, most: maxCodes, held: map[string]*list.Element{}}
	g.refreshes = tickets{life: refreshLifetime, most: maxRefresh, held: map[string]*list.Element{}}
}

// code gives a code for a grant.
func (g *grants) code(of *grant, now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.codes.add(of, now)
}

// redeem turns a code into a grant with its first refresh token, where the check
// agrees. A code that is used again was overheard: what it gave is taken back.
func (g *grants) redeem(code, issuer string, now time.Time, check func(*grant) error) (*grant, string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	of := g.codes.get(code, now)
	switch {
	case of == nil:
		return nil, "", refuse(invalidGrant, "the code is unknown or has expired")
	case of.spent:
		g.refreshes.drop(of.refresh)
		return nil, "", refuse(invalidGrant, "the code was used before")
	}
	if err := check(of); err != nil {
		return nil, "", err
	}
	of.spent, of.issuer = true, issuer
	of.refresh = g.refreshes.add(of, now)
	return of, of.refresh, nil
}

// renew takes a refresh token and gives the next one.
func (g *grants) renew(token string, now time.Time, check func(*grant) error) (*grant, string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	of := g.refreshes.get(token, now)
	if of == nil {
		return nil, "", refuse(invalidGrant, "the refresh token is unknown, was used before, or has expired")
	}
	if err := check(of); err != nil {
		return nil, "", err
	}
	g.refreshes.drop(token)
	of.refresh = g.refreshes.add(of, now)
	return of, of.refresh, nil
}

// revoke forgets a refresh token, where the check agrees. false: it is not one.
func (g *grants) revoke(token string, now time.Time, check func(*grant) error) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	of := g.refreshes.get(token, now)
	if of == nil {
		return false, nil
	}
	if err := check(of); err != nil {
		return true, err
	}
	g.refreshes.drop(token)
	return true, nil
}

// tickets are secrets that stand for a grant: a bounded number, for a time.
type tickets struct {
	life  time.Duration
	most  int
	held  map[string]*list.Element
	order list.List // of *ticket, oldest first
}

type ticket struct {
	secret  string
	of      *grant
	expires time.Time
}

func (t *tickets) add(of *grant, now time.Time) string {
	for first := t.order.Front(); first != nil; first = t.order.Front() {
		if oldest := first.Value.(*ticket); now.Before(oldest.expires) && t.order.Len() < t.most {
			break
		} else {
			t.drop(oldest.secret)
		}
	}
	secret := rand.Text()
	t.held[secret] = t.order.PushBack(&ticket{secret, of, now.Add(t.life)})
	return secret
}

func (t *tickets) get(secret string, now time.Time) *grant {
	if e, ok := t.held[secret]; ok {
		if found := e.Value.(*ticket); now.Before(found.expires) {
			return found.of
		}
	}
	return nil
}

func (t *tickets) drop(secret string) {
	if e, ok := t.held[secret]; ok {
		t.order.Remove(e)
		delete(t.held, secret)
	}
}
