package frontdoor

import (
	"net/netip"
	"strings"
)

// localSuffixes are names of this machine. The second resolves to 127.0.0.1 in
// public DNS and is in the configuration of many who come from LocalStack.
var localSuffixes = [...]string{"localhost", "localhost.localstack.cloud"}

// awsSuffixes are AWS's own names, for users who point them here by DNS.
var awsSuffixes = [...]string{"amazonaws.com", "amazonaws.com.cn", "api.aws", "on.aws"}

// hostname cuts the port and the root's dot off a Host header and lowers it.
func hostname(host string) string {
	if strings.HasPrefix(host, "[") {
		if i := strings.IndexByte(host, ']'); i > 0 {
			return strings.ToLower(host[1:i])
		}
		return strings.ToLower(host)
	}
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host, ':') == i {
		host = host[:i]
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// own says whether a name is one that Postern itself goes by: then it is never
// a custom domain name, or registering one would lock the developer out.
func (d *Door) own(host string) bool {
	if host == "" || isIP(host) {
		return true
	}
	for _, s := range localSuffixes {
		if host == s {
			return true
		}
	}
	for _, s := range d.Hostnames {
		if host == s {
			return true
		}
	}
	return false
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// under cuts a known suffix off a host: "a.b.localhost" gives "a.b". The host
// that is the suffix itself gives "". Local says that the name is this
// machine's and not AWS's.
func (d *Door) under(host string) (left string, local, ok bool) {
	for _, s := range localSuffixes {
		if left, ok := cutDomain(host, s); ok {
			return left, true, true
		}
	}
	for _, s := range d.Hostnames {
		if left, ok := cutDomain(host, s); ok {
			return left, true, true
		}
	}
	for _, s := range awsSuffixes {
		if left, ok := cutDomain(host, s); ok {
			return left, false, true
		}
	}
	return "", false, false
}

func cutDomain(host, suffix string) (string, bool) {
	if host == suffix {
		return "", true
	}
	left, ok := strings.CutSuffix(host, suffix)
	if !ok || !strings.HasSuffix(left, ".") {
		return "", false
	}
	return left[:len(left)-1], true
}

// dataPlaneHost recognises the hosts of APIs and function URLs. Every host of
// their shape is taken, also one whose id cannot exist: the data plane then
// refuses it as AWS does, and it never becomes a management call.
func (d *Door) dataPlaneHost(t *Target, r Request) bool {
	left, _, ok := d.under(t.Host)
	if !ok {
		return false
	}
	if id, region, ok := cutLabel(left, ".execute-api"); ok {
		t.Kind = Execute
		if region, ok := cutDomain(region, "vpce"); ok {
			// AWS: the endpoint's own DNS name says nothing about the API.
			t.VPCEndpoint = vpceOfDNSName(id)
			t.APIID = r.Header.Get("X-Apigw-Api-Id")
			t.Region = region
			return true
		}
		t.APIID, t.VPCEndpoint = cutVPCE(id)
		t.Region = region
		return true
	}
	if id, region, ok := cutLabel(left, ".lambda-url"); ok {
		t.Kind = FunctionURL
		t.URLID, t.Region = id, region
		return true
	}
	return false
}

// cutLabel splits "id.label.region", or "id.label", around the label.
func cutLabel(left, label string) (id, region string, ok bool) {
	if id, ok := strings.CutSuffix(left, label); ok {
		return id, "", true
	}
	i := strings.Index(left, label+".")
	if i < 0 {
		return "", "", false
	}
	return left[:i], left[i+len(label)+1:], true
}

// cutVPCE splits the label of a private API called through an associated VPC
// endpoint: "{api}-vpce-{hex}".
func cutVPCE(label string) (api, endpoint string) {
	i := strings.LastIndex(label, "-vpce-")
	if i <= 0 || !isHex(label[i+len("-vpce-"):]) {
		return label, ""
	}
	return label[:i], label[i+1:]
}

// vpceOfDNSName gives the id in "vpce-{hex}-{random}" with or without an
// availability zone behind.
func vpceOfDNSName(label string) string {
	rest, ok := strings.CutPrefix(label, "vpce-")
	if !ok {
		return ""
	}
	hex, _, _ := strings.Cut(rest, "-")
	return "vpce-" + hex
}

func isHex(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return s != ""
}

// serviceHost names the service that a host belongs to: a service's own name
// with or without a region, or a bucket's.
func (d *Door) serviceHost(host string) (name string, ok bool) {
	left, local, ok := d.under(host)
	if !ok || left == "" {
		return "", false
	}
	first, rest, _ := strings.Cut(left, ".")
	if s := byScope(first); s != nil {
		return s.name, true
	}
	for label := range strings.SplitSeq(rest, ".") {
		if label == "s3" {
			return "s3", true
		}
	}
	if local {
		return "s3", true // {bucket}.localhost
	}
	return "", false
}
