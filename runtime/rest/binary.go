package rest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"
)

// binaryTypes are an API's binary media types.
type binaryTypes struct {
	some     bool
	all      bool // */*
	exact    map[string]bool
	families map[string]bool // "image" of image/*
}

func newBinaryTypes(list []string) binaryTypes {
	b := binaryTypes{some: len(list) > 0, exact: map[string]bool{}, families: map[string]bool{}}
	for _, entry := range list {
		entry = strings.ToLower(strings.TrimSpace(entry))
		family, sub, _ := strings.Cut(entry, "/")
		switch {
		case entry == "*/*":
			b.all = true
		case sub == "*":
			b.families[family] = true
		default:
			b.exact[entry] = true
		}
	}
	return b
}

// names tells whether a field, Content-Type or Accept, names a binary type.
func (b *binaryTypes) names(h http.Header, field string) bool {
	return b.some && b.matches(h.Get(field))
}

// matches tells whether a Content-Type or Accept names a binary type. AWS: only the
// first media type counts, and it is compared literally: a wildcard in Accept
// matches the same wildcard only.
func (b *binaryTypes) matches(header string) bool {
	if b.all {
		return true
	}
	if !b.some || header == "" {
		return false
	}
	first := mediaType(header)
	family, _, ok := strings.Cut(first, "/")
	if !ok || strings.HasPrefix(first, "*/") {
		return false // AWS: an entry */subtype never matches
	}
	return b.exact[first] || b.families[family]
}

// mediaType is the first media type of a header, lower case and without parameters.
func mediaType(header string) string {
	first, _, _ := strings.Cut(header, ",")
	first, _, _ = strings.Cut(first, ";")
	return strings.ToLower(strings.TrimSpace(first))
}

// contentHandling is what becomes of a payload between client and backend.
type contentHandling string

const (
	passContent contentHandling = ""
	toBinary    contentHandling = "CONVERT_TO_BINARY"
	toText      contentHandling = "CONVERT_TO_TEXT"
)

var errNotBase64 = errors.New("payload is no base64 text")

// convertRequest applies contentHandling to a request's body; binary is the result
// still in bytes, which a template cannot read.
func convertRequest(body []byte, isBinary bool, handling contentHandling) (out []byte, binary bool, err error) {
	switch {
	case isBinary && handling == toText:
		return encodeBase64(body), false, nil
	case isBinary:
		return body, true, nil
	case handling == toBinary:
		out, err = decodeBase64(body)
		return out, true, err
	}
	return validText(body), false, nil
}

// convertResponse applies contentHandling to a backend's body.
func convertResponse(body []byte, backendBinary, acceptBinary bool, handling contentHandling) (out []byte, binary bool, err error) {
	if handling == passContent {
		switch {
		case backendBinary && acceptBinary:
			handling = toBinary
		case backendBinary:
			handling = toText
		case acceptBinary:
			out, err = decodeBase64(unquoted(body))
			return out, true, err
		}
	}
	switch {
	case handling == toBinary && backendBinary:
		return body, true, nil
	case handling == toBinary:
		out, err = decodeBase64(unquoted(body))
		return out, true, err
	case handling == toText && backendBinary:
		return encodeBase64(body), false, nil
	}
	return validText(body), false, nil
}

// unquoted is the text of a function that returns one: its result is JSON, but what is
// decoded is the base64 between the quotes.
func unquoted(body []byte) []byte {
	text := bytes.TrimSpace(body)
	if n := len(text); n >= 2 && text[0] == '"' && text[n-1] == '"' {
		return text[1 : n-1]
	}
	return body
}

func encodeBase64(b []byte) []byte {
	return base64.StdEncoding.AppendEncode(nil, b)
}

func decodeBase64(b []byte) ([]byte, error) {
	out, err := base64.StdEncoding.AppendDecode(nil, b)
	if err != nil {
		return nil, internal(errNotBase64)
	}
	return out, nil
}

// validText makes UTF-8 of a body that is to be text: each byte that is none
// becomes U+FFFD.
func validText(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	out := make([]byte, 0, len(b)+len(b)/2)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		out = utf8.AppendRune(out, r)
		b = b[size:]
	}
	return out
}
