package mapping

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"

	"github.com/postern/postern/runtime/vtl"
)

// util is $util.
type util struct{}

func (util) String() string { return "" }

func (util) Property(string) any { return nil }

func (util) Call(run *vtl.Run, name string, args []any) (any, error) {
	if len(args) != 1 {
		return nil, nil
	}
	s, err := run.String(args[0])
	if err != nil {
		return nil, err
	}
	switch name {
	case "escapeJavaScript":
		if escaped := escapeJavaScript(s); escaped != s {
			return escaped, nil
		}
		if _, ok := args[0].(string); ok {
			return args[0], nil // the same value, which needs no new one
		}
		return s, nil
	case "parseJson":
		if s == "" {
			return nil, nil
		}
		return vtl.DecodeLenient(s)
	case "urlEncode":
		return urlEncode(s), nil
	case "urlDecode":
		decoded, err := url.QueryUnescape(s)
		return strings.ToValidUTF8(decoded, "\ufffd"), err
	case "base64Encode":
		return base64.StdEncoding.EncodeToString([]byte(s)), nil
	case "base64Decode":
		return base64Decode(s)
	}
	return nil, nil
}

// formEncoding turns Go's query escaping into Java's URLEncoder: the asterisk
// stays, the tilde does not.
var formEncoding = strings.NewReplacer("%2A", "*", "~", "%7E")

func urlEncode(s string) string { return formEncoding.Replace(url.QueryEscape(s)) }

// base64Decode accepts both alphabets, with or without padding or line ends.
// Bytes that are no UTF-8 become U+FFFD, as everything in a template is text.
// unverified against AWS: anything else in the text is an error.
func base64Decode(s string) (any, error) {
	s = strings.Map(func(c rune) rune {
		switch c {
		case '-':
			return '+'
		case '_':
			return '/'
		case '=', '\r', '\n', ' ', '\t':
			return -1
		}
		return c
	}, s)
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("not base64: %w", err)
	}
	return strings.ToValidUTF8(string(b), "\ufffd"), nil
}

// escapeJavaScript follows commons-lang: quotes of both kinds, backslash and
// slash get a backslash, everything outside printable ASCII an escape.
func escapeJavaScript(s string) string {
	plain := 0
	for plain < len(s) && !escapes(s[plain]) {
		plain++
	}
	if plain == len(s) {
		return s
	}
	const hex = "0123456789ABCDEF"
	dst := append(make([]byte, 0, len(s)+16), s[:plain]...)
	unit := func(u uint16) {
		dst = append(dst, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
	}
	for _, c := range s[plain:] {
		switch {
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			unit(uint16(high))
			unit(uint16(low))
		case c > 0x7f:
			unit(uint16(c))
		case c == '\'' || c == '"' || c == '\\' || c == '/':
			dst = append(dst, '\\', byte(c))
		case c >= 0x20:
			dst = append(dst, byte(c))
		default:
			if i := strings.IndexByte("\b\n\t\f\r", byte(c)); i >= 0 {
				dst = append(dst, '\\', "bntfr"[i])
			} else {
				unit(uint16(c))
			}
		}
	}
	return string(dst)
}

func escapes(c byte) bool {
	return c < 0x20 || c > 0x7f || c == '\'' || c == '"' || c == '\\' || c == '/'
}
