package policy

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operator compiles a condition's value into a test.
type operator struct {
	compile func(c *compiler, value string) (test, error)
	negated bool
}

var operators = map[string]operator{
	"StringEquals":              {compile: equals},
	"StringNotEquals":           {compile: equals, negated: true},
	"StringEqualsIgnoreCase":    {compile: equalsFold},
	"StringNotEqualsIgnoreCase": {compile: equalsFold, negated: true},
	"StringLike":                {compile: like},
	"StringNotLike":             {compile: like, negated: true},
	"ArnEquals":                 {compile: arnLike}, // AWS: the same as ArnLike
	"ArnLike":                   {compile: arnLike},
	"ArnNotEquals":              {compile: arnLike, negated: true},
	"ArnNotLike":                {compile: arnLike, negated: true},
	"NumericEquals":             {compile: ordered(number, func(c int) bool { return c == 0 })},
	"NumericNotEquals":          {compile: ordered(number, func(c int) bool { return c == 0 }), negated: true},
	"NumericLessThan":           {compile: ordered(number, func(c int) bool { return c < 0 })},
	"NumericLessThanEquals":     {compile: ordered(number, func(c int) bool { return c <= 0 })},
	"NumericGreaterThan":        {compile: ordered(number, func(c int) bool { return c > 0 })},
	"NumericGreaterThanEquals":  {compile: ordered(number, func(c int) bool { return c >= 0 })},
	"DateEquals":                {compile: ordered(date, func(c int) bool { return c == 0 })},
	"DateNotEquals":             {compile: ordered(date, func(c int) bool { return c == 0 }), negated: true},
	"DateLessThan":              {compile: ordered(date, func(c int) bool { return c < 0 })},
	"DateLessThanEquals":        {compile: ordered(date, func(c int) bool { return c <= 0 })},
	"DateGreaterThan":           {compile: ordered(date, func(c int) bool { return c > 0 })},
	"DateGreaterThanEquals":     {compile: ordered(date, func(c int) bool { return c >= 0 })},
	"Bool":                      {compile: truth},
	"BinaryEquals":              {compile: binary},
	"IpAddress":                 {compile: address},
	"NotIpAddress":              {compile: address, negated: true},
}

func equals(c *compiler, value string) (test, error) { return text(value, false, c.variables, false) }

func equalsFold(c *compiler, value string) (test, error) {
	return text(value, false, c.variables, true)
}

func like(c *compiler, value string) (test, error) { return text(value, true, c.variables, false) }

func text(value string, wildcards, variables, fold bool) (test, error) {
	p, err := compilePattern(value, wildcards, variables)
	if err != nil {
		return nil, err
	}
	if !fold {
		return p.match, nil
	}
	return func(r *Request, value string) bool {
		tokens, ok := p.tokens(r)
		b := make([]byte, len(tokens))
		for i, t := range tokens {
			b[i] = byte(t) // no wildcards here
		}
		return ok && strings.EqualFold(string(b), value)
	}, nil
}

// arnParts is how many parts of an ARN are compared one by one: the last, the
// resource, may hold colons.
const arnParts = 6

var errARN = errors.New("value is no ARN")

// arnLike compares part by part: a wildcard does not reach over a colon, but for
// those of the resource.
func arnLike(c *compiler, value string) (test, error) {
	parts := splitARN(value, c.variables)
	if len(parts) != arnParts && value != "*" {
		return nil, fmt.Errorf("%w: %q", errARN, value)
	}
	compiled := make([]*pattern, len(parts))
	for i, part := range parts {
		p, err := compilePattern(part, true, c.variables)
		if err != nil {
			return nil, err
		}
		compiled[i] = p
	}
	return func(r *Request, value string) bool {
		if len(compiled) == 1 {
			return true
		}
		got := strings.SplitN(value, ":", arnParts)
		if len(got) != arnParts {
			return false
		}
		for i, p := range compiled {
			if !p.match(r, got[i]) {
				return false
			}
		}
		return true
	}, nil
}

// splitARN splits at colons that are not inside a policy variable.
func splitARN(s string, variables bool) []string {
	var out []string
	start, inside := 0, false
	for i := 0; i < len(s) && len(out) < arnParts-1; i++ {
		switch {
		case variables && strings.HasPrefix(s[i:], "${"):
			inside = true
		case inside:
			inside = s[i] != '}'
		case s[i] == ':':
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

// ordered compiles operators that compare: hold says of what sign of the comparison
// of the request's value with the condition's they hold.
func ordered(read func(string) (float64, error), hold func(sign int) bool) func(*compiler, string) (test, error) {
	return func(_ *compiler, value string) (test, error) {
		want, err := read(value)
		if err != nil {
			return nil, err
		}
		return func(_ *Request, value string) bool {
			got, err := read(value)
			switch {
			case err != nil:
				return false
			case got < want:
				return hold(-1)
			case got > want:
				return hold(1)
			}
			return hold(0)
		}, nil
	}
}

func number(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != f { // NaN compares with nothing
		return 0, fmt.Errorf("%q is no number", s)
	}
	return f, nil
}

var dateForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"}

// date reads a W3C date, or seconds since 1970.
func date(s string) (float64, error) {
	if len(s) > 4 { // four digits are a year
		if f, err := number(s); err == nil {
			return f, nil
		}
	}
	for _, form := range dateForms {
		if t, err := time.Parse(form, s); err == nil {
			return float64(t.UnixNano()) / 1e9, nil
		}
	}
	return 0, fmt.Errorf("%q is no date", s)
}

func truth(_ *compiler, value string) (test, error) {
	want, err := strconv.ParseBool(strings.ToLower(value))
	if err != nil {
		return nil, err
	}
	return func(_ *Request, value string) bool {
		got, err := strconv.ParseBool(strings.ToLower(value))
		return err == nil && got == want
	}, nil
}

func binary(_ *compiler, value string) (test, error) {
	want, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return nil, err
	}
	return func(_ *Request, value string) bool {
		got, err := base64.StdEncoding.DecodeString(value)
		return err == nil && string(got) == string(want)
	}, nil
}

func address(_ *compiler, value string) (test, error) {
	prefix, err := parsePrefix(value)
	if err != nil {
		return nil, err
	}
	return func(_ *Request, value string) bool {
		ip, err := netip.ParseAddr(value)
		return err == nil && prefix.Contains(ip.Unmap().WithZone(""))
	}, nil
}

// parsePrefix reads a CIDR block, or an address that stands for itself.
func parsePrefix(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		ip, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, err
		}
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}
