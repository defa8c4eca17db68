package frontdoor

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// privateTLDs are names that public DNS never serves, so that no web site of
// the internet can be at one.
var privateTLDs = [...]string{"internal", "test", "local", "lan", "home.arpa"}

// Admit says whether a request that is not for the data plane may pass; the
// error tells the user why not and what to set. Management calls need no
// credentials that a web page could not make up, so what must be kept out is
// the page: one of a foreign origin that calls http://localhost:4566, and one
// whose name was made to resolve to this machine (DNS rebinding). The latter
// cannot be told from a program by its headers, only by the name it asks for.
func (d *Door) Admit(t *Target, r Request) error {
	if t.DataPlane() {
		return nil
	}
	if !d.trustedName(t.Host) && !isIP(t.Host) {
		return fmt.Errorf("host %q is not a name of this Postern; start it with --hostname %s if it should be", t.Host, t.Host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || !d.trustedOrigin(hostname(u.Host), t.Host) {
			return fmt.Errorf("requests by pages of %s are refused here; start Postern with --hostname for a name that is yours", origin)
		}
		return nil
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" && !isVisit(t, r) {
		return fmt.Errorf("requests by pages of other sites are refused here")
	}
	return nil
}

// isVisit is a person following a link to one of Postern's pages.
func isVisit(t *Target, r Request) bool {
	return t.Kind == Postern && r.Method == "GET" && r.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		r.Header.Get("Sec-Fetch-Dest") == "document"
}

// trustedName says whether a name can only be one of this machine, of its
// private networks, or of AWS.
func (d *Door) trustedName(host string) bool {
	if host != "" && !strings.ContainsAny(host, ".:") {
		return true // a container's or a neighbour's name; public ones have a dot
	}
	if _, _, ok := d.under(host); ok {
		return true
	}
	for _, tld := range privateTLDs {
		if _, ok := cutDomain(host, tld); ok {
			return true
		}
	}
	return false
}

func (d *Door) trustedOrigin(origin, host string) bool {
	if origin == "" {
		return false // "null": a sandboxed frame, a file
	}
	if ip, err := netip.ParseAddr(origin); err == nil {
		return ip.IsLoopback() || origin == host
	}
	if _, local, ok := d.under(origin); ok {
		return local // a page at *.amazonaws.com may be anybody's
	}
	return d.trustedName(origin)
}
