package emulator

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// endpointURL gives the URL of an API's default endpoint under the name that the
// caller used: an IP address or plain localhost becomes *.localhost, which browsers
// and curl resolve to this machine by themselves.
func (e *Emulator) endpointURL(base *url.URL, apiID, region string) string {
	host, port := base.Hostname(), base.Port()
	if strings.HasSuffix(host, ".amazonaws.com") {
		return "https://" + apiID + ".execute-api." + region + ".amazonaws.com"
	}
	suffix := "localhost"
	for _, name := range append([]string{"localhost.localstack.cloud"}, e.cfg.Hostnames...) {
		if host == name || strings.HasSuffix(host, "."+name) {
			suffix = name
		}
	}
	if port != "" {
		suffix = net.JoinHostPort(suffix, port)
	}
	return base.Scheme + "://" + apiID + ".execute-api." + region + "." + suffix
}

// baseURL is the emulator's own URL: an address that listens on every interface is
// reached by loopback.
func baseURL(addr net.Addr) string {
	ap, err := netip.ParseAddrPort(addr.String())
	if err == nil && ap.Addr().IsUnspecified() {
		ap = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), ap.Port())
		return "http://" + ap.String()
	}
	return "http://" + addr.String()
}
