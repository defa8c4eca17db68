package sigv4

import (
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// canonicalForms gives the canonical requests that a correct signer may have
// signed. botocore and the JS signer normalise the path, the Go and Java signers do
// not; AWS decodes a bare plus of the query to a space, botocore signs it as it is.
func (s *Signature) canonicalForms(r Request, hash string) []string {
	paths := []string{canonicalPath(normalPath(r.Path))}
	if raw := canonicalPath(r.Path); raw != paths[0] {
		paths = append(paths, raw)
	}
	queries := []string{canonicalQuery(r.Query, true)}
	if strings.Contains(r.Query, "+") {
		queries = append(queries, canonicalQuery(r.Query, false))
	}
	headers := s.canonicalHeaders(r)
	names := strings.Join(s.SignedHeaders, ";")
	var out []string
	for _, p := range paths {
		for _, q := range queries {
			out = append(out, r.Method+"\n"+p+"\n"+q+"\n"+headers+"\n"+names+"\n"+hash)
		}
	}
	return out
}

// normalPath removes empty, "." and ".." segments and keeps a final slash.
func normalPath(p string) string {
	clean := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// canonicalPath encodes a path, already encoded on the wire, once more.
func canonicalPath(p string) string {
	if p == "" {
		return "/"
	}
	segs := strings.Split(p, "/")
	for i, seg := range segs {
		segs[i] = encode(seg)
	}
	return strings.Join(segs, "/")
}

func canonicalQuery(raw string, plusIsSpace bool) string {
	var pairs []string
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = decode(name, plusIsSpace), decode(value, plusIsSpace)
		if name == "X-Amz-Signature" {
			continue
		}
		pairs = append(pairs, encode(name)+"="+encode(value))
	}
	// Sorting whole pairs would put "a-b=" before "a=": compare name, then value.
	slices.SortStableFunc(pairs, func(a, b string) int {
		an, av, _ := strings.Cut(a, "=")
		bn, bv, _ := strings.Cut(b, "=")
		if c := strings.Compare(an, bn); c != 0 {
			return c
		}
		return strings.Compare(av, bv)
	})
	return strings.Join(pairs, "&")
}

func decode(s string, plusIsSpace bool) string {
	unescape := url.PathUnescape
	if plusIsSpace {
		unescape = url.QueryUnescape
	}
	if d, err := unescape(s); err == nil {
		return d
	}
	return s
}

func (s *Signature) canonicalHeaders(r Request) string {
	var b strings.Builder
	for _, name := range s.SignedHeaders {
		b.WriteString(name)
		b.WriteByte(':')
		values := r.Header.Values(name)
		switch {
		case name == "host":
			values = []string{r.Host}
		case name == "content-length" && len(values) == 0:
			values = []string{strconv.FormatInt(r.Length, 10)}
		}
		for i, v := range values {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strings.Join(strings.Fields(v), " "))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const upperHex = "0123456789ABCDEF"

// encode is AWS's URI encoding: everything but the unreserved characters.
func encode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
	return b.String()
}
