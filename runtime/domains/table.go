package domains

import (
	"cmp"
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern/postern/runtime"
	"github.com/postern/postern/runtime/snapshot"
)

// Table finds what custom domain names lead to. It is safe for concurrent use; a
// request takes no lock.
type Table struct {
	now    func() time.Time
	mu     sync.Mutex // serialises changes
	scopes map[scope][]*domain
	byName atomic.Pointer[map[string]*domain]
}

type scope struct{ account, region string }

// New gives an empty table. Certificates expire by the clock.
func New(now func() time.Time) *Table {
	t := &Table{now: now}
	t.Reset()
	return t
}

// Set puts an account's domains of one region in place of what they were.
func (t *Table) Set(d *snapshot.Domains) {
	list := make([]*domain, len(d.Domains))
	for i := range d.Domains {
		list[i] = compile(&d.Domains[i])
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.scopes[scope{d.AccountID, d.Region}] = list
	t.index()
}

// index makes the table that requests read.
func (t *Table) index() {
	byName := map[string]*domain{}
	for _, list := range t.scopes {
		for _, d := range list {
			if have := byName[d.name]; have == nil || older(d, have) {
				byName[d.name] = d
			}
		}
	}
	t.byName.Store(&byName)
}

func older(a, b *domain) bool {
	if !a.created.Equal(b.created) {
		return a.created.Before(b.created)
	}
	return a.private == nil && b.private != nil
}

// Reset forgets every domain.
func (t *Table) Reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.scopes = map[scope][]*domain{}
	t.index()
}

// find looks a host up, lower case and without a port. AWS: the exact name goes
// before a wildcard.
func (t *Table) find(host string) *domain {
	byName := *t.byName.Load()
	if len(byName) == 0 {
		return nil
	}
	if d := byName[host]; d != nil {
		return d
	}
	if _, parent, ok := strings.Cut(host, "."); ok {
		return byName["*."+parent]
	}
	return nil
}

// Has tells whether a host is a custom domain name.
func (t *Table) Has(host string) bool { return t.find(host) != nil }

// WantsClientCert tells whether a TLS client that asks for a name is to be asked for
// its certificate.
func (t *Table) WantsClientCert(serverName string) bool {
	d := t.named(serverName)
	return d != nil && d.trust != nil
}

// CertificateARN names the certificate of the domain that a TLS client asks for, empty
// where there is no such domain.
func (t *Table) CertificateARN(serverName string) string {
	if d := t.named(serverName); d != nil {
		return d.certificate
	}
	return ""
}

// Certificate gives the certificate that came with the domain that a TLS client asks
// for, nil where none did.
func (t *Table) Certificate(serverName string) *tls.Certificate {
	if d := t.named(serverName); d != nil {
		return d.own()
	}
	return nil
}

func (t *Table) named(serverName string) *domain {
	return t.find(strings.ToLower(strings.TrimSuffix(serverName, ".")))
}

// Resolve finds what a request to a host is for. When it is for nothing, refuse is
// the kind of API whose refusal is the answer.
func (t *Table) Resolve(r *http.Request, host, path string) (target runtime.Target, refuse snapshot.Kind) {
	target = runtime.Target{Host: host, Path: path}
	d := t.find(host)
	if d == nil {
		return target, snapshot.KindREST
	}
	if d.trust != nil {
		if target.ClientCert = d.trust.verify(r.TLS, t.now()); target.ClientCert == nil {
			return target, snapshot.KindREST
		}
	}
	if d.private != nil {
		var ok bool
		if target.VPCEndpointID, ok = d.private.admit(r, path); !ok {
			return target, snapshot.KindREST
		}
	}
	target.Mapping, target.APIID = d.route(path, r.Header)
	if target.Mapping == nil {
		return target, d.unmapped
	}
	return target, ""
}

// domain is a compiled custom domain name.
type domain struct {
	name        string
	created     time.Time
	certificate string // ARN
	own         func() *tls.Certificate
	routing     snapshot.DomainRouting
	mappings    map[string]*snapshot.DomainMapping
	depth       int // segments of the longest key
	rules       []snapshot.RoutingRule
	trust       *truststore
	private     *private
	unmapped    snapshot.Kind // whose refusal answers where nothing matches
}

// pair reads a certificate and its key. Those who stored it read it before: what
// would be an error is no certificate.
func pair(p *snapshot.KeyPair) *tls.Certificate {
	if p == nil {
		return nil
	}
	cert, err := tls.X509KeyPair([]byte(p.CertificatePEM), []byte(p.KeyPEM))
	if err != nil {
		return nil
	}
	return &cert
}

func compile(s *snapshot.Domain) *domain {
	d := &domain{
		name: s.Name, created: s.Created, certificate: s.CertificateARN, routing: s.Routing, rules: slices.Clone(s.Rules),
		own:      sync.OnceValue(func() *tls.Certificate { return pair(s.Certificate) }),
		mappings: make(map[string]*snapshot.DomainMapping, len(s.Mappings)), unmapped: snapshot.KindREST,
	}
	rest := len(s.Rules)
	for i := range s.Mappings {
		m := &s.Mappings[i]
		d.mappings[m.Key] = m
		d.depth = max(d.depth, 1+strings.Count(m.Key, "/"))
		if m.Kind == snapshot.KindREST {
			rest++
		}
	}
	if rest == 0 && len(s.Mappings) > 0 {
		// unverified against AWS: a domain that has HTTP APIs only answers 404 as
		// they do, every other one 403.
		d.unmapped = snapshot.KindHTTP
	}
	slices.SortStableFunc(d.rules, func(a, b snapshot.RoutingRule) int { return cmp.Compare(a.Priority, b.Priority) })
	if s.MutualTLS != nil {
		d.trust = newTruststore(s.MutualTLS.Truststore)
	}
	if s.Private != nil {
		d.private = newPrivate(s.Private)
	}
	return d
}
