package reqcontext

import "strings"

// ParseQuery takes a query string apart as AWS does: pairs keep their order, names
// are case-sensitive, '+' is a space, and an escape that is none stays as it is.
func ParseQuery(raw string) []Param {
	if raw == "" {
		return nil
	}
	out := make([]Param, 0, 1+strings.Count(raw, "&"))
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, Param{unescape(name, true), unescape(value, true)})
	}
	return out
}

// DecodePath decodes the percent-escapes of a path or of a part of one, once. An
// escape that is none stays as it is.
func DecodePath(s string) string { return unescape(s, false) }

func unescape(s string, plusIsSpace bool) string {
	if !strings.Contains(s, "%") && (!plusIsSpace || !strings.Contains(s, "+")) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		case c == '+' && plusIsSpace:
			b = append(b, ' ')
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// EscapePath escapes the bytes that no path of a URL may have, percent signs that begin
// no escape among them. Escapes stay as they are: net/url, given such bytes, writes all
// of a path anew, and loses what %2F says.
func EscapePath(path string) string {
	var out []byte
	for i := range len(path) {
		c := path[i]
		if inPath(c) || c == '%' && i+2 < len(path) && isHex(path[i+1]) && isHex(path[i+2]) {
			if out != nil {
				out = append(out, c)
			}
			continue
		}
		if out == nil {
			out = append(make([]byte, 0, len(path)+16), path[:i]...)
		}
		const digits = "0123456789ABCDEF"
		out = append(out, '%', digits[c>>4], digits[c&15])
	}
	if out == nil {
		return path
	}
	return string(out)
}

func inPath(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("/-_.~!$&'()*+,;:=@[]", c) >= 0
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}
