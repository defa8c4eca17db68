package frontdoor

import "strings"

// credential is what a signature claims. Whether it is true is checked
// elsewhere.
type credential struct {
	accessKey, region, service string
}

// credential finds the scope of a signed or presigned request.
func (r *Request) credential() (credential, bool) {
	if c, ok := parseAuthorization(r.Header.Get("Authorization")); ok {
		if c.region == "" {
			c.region = singleRegion(r.Header.Get("X-Amz-Region-Set"))
		}
		return c, true
	}
	if scope := parameter(r.Query, "X-Amz-Credential"); scope != "" {
		c, ok := parseScope(scope)
		if ok && c.region == "" {
			c.region = singleRegion(parameter(r.Query, "X-Amz-Region-Set"))
		}
		return c, ok
	}
	return credential{}, false
}

func parseAuthorization(header string) (credential, bool) {
	algorithm, rest, ok := strings.Cut(header, " ")
	if !ok || (algorithm != "AWS4-HMAC-SHA256" && algorithm != "AWS4-ECDSA-P256-SHA256") {
		return credential{}, false
	}
	for part := range strings.SplitSeq(rest, ",") {
		if scope, ok := strings.CutPrefix(strings.TrimSpace(part), "Credential="); ok {
			return parseScope(strings.TrimSpace(scope))
		}
	}
	return credential{}, false
}

// parseScope reads "key/date/region/service/aws4_request" from its end, since
// a key may hold anything. SigV4A's scope has no region.
func parseScope(scope string) (credential, bool) {
	rest, ok := strings.CutSuffix(scope, "/aws4_request")
	if !ok {
		return credential{}, false
	}
	rest, service, ok := cutLast(rest)
	if !ok || service == "" {
		return credential{}, false
	}
	rest, last, ok := cutLast(rest)
	if !ok {
		return credential{}, false
	}
	c := credential{service: service}
	if isDate(last) {
		c.accessKey = rest
		return c, true
	}
	c.region = last
	c.accessKey, _, ok = cutLast(rest)
	return c, ok
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}

func isDate(s string) bool { return len(s) == len("20060102") && isDigits(s) }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// singleRegion gives SigV4A's region set where it is just one region.
func singleRegion(set string) string {
	set = strings.TrimSpace(set)
	if strings.ContainsAny(set, ",*") {
		return ""
	}
	return set
}

// account is the account that an access key stands for. A key of twelve digits
// is an account by itself, which is how parallel tests keep apart.
func (d *Door) account(accessKey string) string {
	if len(accessKey) == 12 && isDigits(accessKey) {
		return accessKey
	}
	if d.KeyAccount != nil && accessKey != "" {
		if account, ok := d.KeyAccount(accessKey); ok {
			return account
		}
	}
	return d.Account
}
