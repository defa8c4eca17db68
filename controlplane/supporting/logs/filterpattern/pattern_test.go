package filterpattern

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

const (
	trail  = `{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"cluster.name":"c","isTrue":true,"latency":1.5e2,"n":-3,"text":"404"}` + "\n"
	access = `127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, message string
		want             bool
	}{
		{"", "anything", true},
		{"  ", "anything", true},
		{"ERROR", "[ERROR 400] BAD REQUEST", true},
		{"ERROR", "[error 400]", false},
		{"ERROR 400", "[ERROR 400] BAD", true},
		{"ERROR 401", "[ERROR 400] BAD", false},
		{`"INTERNAL SERVER ERROR"`, "500 INTERNAL SERVER ERROR", true},
		{`"INTERNAL SERVER ERROR"`, "INTERNAL ERROR SERVER", false},
		{`"say \"hi\""`, `they say "hi"`, true},
		{"ERROR -ARGUMENTS", "ERROR in line 1", true},
		{"ERROR -ARGUMENTS", "ERROR ARGUMENTS", false},
		{`-"a b"`, "a  b", true},
		{"?ERROR ?WARN", "WARN: disk", true},
		{"?ERROR ?WARN", "INFO", false},
		{"?ERROR WARN", "WARN", true}, // ? beside other terms is ignored
		{`%AUTHORI[SZ]ED%`, "UNAUTHORISED", true},
		{`%^\d{3} %`, "404 x", true},
		{`%^\d{3} %`, "x 404", false},
		{`-%\d%`, "no digit", true},
		{`%100\%%`, "at 100%", true},

		{`{ $.eventType = "UpdateTrail" }`, trail, true},
		{`{$.eventType="UpdateTrail"}`, trail, true},
		{`{ $.eventType = UpdateTrail }`, trail, true},
		{`{ $.eventType = "Update*" }`, trail, true},
		{`{ $.eventType = "*Tr*l" }`, trail, true},
		{`{ $.eventType = "update*" }`, trail, false},
		{`{ $.eventType != "x" }`, trail, true},
		{`{ $.missing != "x" }`, trail, false},
		{`{ $.sourceIPAddress != 123.123.* }`, trail, true},
		{`{ $.sourceIPAddress = 111.* }`, trail, true},
		{`{ $.arrayKey[0] = "value" }`, trail, true},
		{`{ $.arrayKey[2] = "value" }`, trail, false},
		{`{ $.arrayKey[*] = "another value" }`, trail, true},
		{`{ $.objectList[1].id = 2 }`, trail, true},
		{`{ $.objectList[*].id > 1 }`, trail, true},
		{`{ $.objectList[*].id > 2 }`, trail, false},
		{`{ $['cluster.name'] = "c" && $.["isTrue"] IS TRUE }`, trail, true},
		{`{ $.SomeObject IS NULL }`, trail, true},
		{`{ $.missing IS NULL }`, trail, false},
		{`{ $.SomeOtherObject NOT EXISTS }`, trail, true},
		{`{ $.SomeObject NOT EXISTS }`, trail, false},
		{`{ $.isTrue IS FALSE }`, trail, false},
		{`{ $.latency = 150 }`, trail, true},
		{`{ $.latency >= 1.5e2 && $.latency <= 150.0 }`, trail, true},
		{`{ $.latency < 150 }`, trail, false},
		{`{ $.n = -3 }`, trail, true},
		{`{ $.text = 404 }`, trail, true},
		{`{ $.text > 400 }`, trail, false}, // a string is no number
		{`{ $.text = 4* }`, trail, true},
		{`{ $.eventType = %Trail$% }`, trail, true},
		{`{ $.n = 1 || $.n = -3 && $.isTrue IS TRUE }`, trail, true},
		{`{ ($.n = -3 || $.n = 1) && $.isTrue IS FALSE }`, trail, false},
		{`{ $.eventType = "UpdateTrail" }`, "not json UpdateTrail", false},
		{`{ $.eventType = "UpdateTrail" }`, `{"eventType":"UpdateTrail"} and more`, false},
		{`{ $.a = "}" }`, `{"a":"}"}`, true},

		{"[ip, id, user, timestamp, request, status_code, size]", access, true},
		{"[ip, id, user, timestamp, request, status_code]", access, false},
		{"[ip, id, user, timestamp, request, status_code = 4*, size]", access, true},
		{"[ip, id, user, timestamp, request, status_code = 5*, size]", access, false},
		{"[..., status_code = 404 || status_code = 410, size]", access, true},
		{"[..., size > 1000]", access, true},
		{"[ip, ..., size < 1000]", access, false},
		{`[ip = %^127\.%, ...]`, access, true},
		{`[..., request = "GET*", status, size]`, access, true},
		{`[..., request =*html*, status_code=4*, size]`, access, true},
		{"[w1=ERROR || w1=%WARN%, w2]", "WARNING disk", true},
		{"[w1!=ERROR && w2=disk, w2]", "WARNING disk", true},
		{"[a, ...]", "", false},
		{"[...]", "", true},
	}
	for _, tc := range tests {
		t.Run(tc.pattern+"|"+tc.message, func(t *testing.T) {
			p, err := Compile(tc.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Match(tc.message); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestCompileErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"a:b":                 "Invalid character(s) in term 'a:b'",
		`"open`:               `Invalid filter pattern: a quote is not closed at character 1 of '"open'`,
		"%open":               "Invalid filter pattern: a regular expression is not closed at character 1 of '%open'",
		"%(%":                 "Invalid filter pattern: the regular expression is not valid at character 1 of '%(%'",
		"- x":                 "Invalid filter pattern: a term is missing at character 2 of '- x'",
		"{":                   "Invalid filter pattern: } is expected at character 2 of '{'",
		"{}":                  "Invalid filter pattern: a selector is expected at character 2 of '{'",
		"{ $.a }":             "Invalid filter pattern: an operator is expected at character 7 of '{ $.a '",
		"{ $.a = }":           "Invalid filter pattern: a value is expected at character 9 of '{ $.a = '",
		"{ $.a > x }":         "Invalid filter pattern: a number is expected at character 10 of '{ $.a > x '",
		"{ $.a = 1 $.b = 2 }": "Invalid filter pattern: && or || is expected at character 11 of '{ $.a = 1 $.b = 2 }'",
		"{ $. = 1 }":          "Invalid filter pattern: a name is expected at character 5 of '{ $. = 1 '",
		"{ $.a[x] = 1 }":      "Invalid filter pattern: an index is expected at character 8 of '{ $.a[x] = 1 '",
		"{ $.a IS MAYBE }":    "Invalid filter pattern: TRUE, FALSE or NULL is expected at character 10 of '{ $.a IS MAYBE '",
		"{ ($.a = 1 }":        "Invalid filter pattern: a parenthesis is not closed at character 12 of '{ ($.a = 1 '",
		"[a, ..., b, ...]":    "Invalid filter pattern: a second ... at character 16 of '[a, ..., b, ...]'",
		"[a,]":                "Invalid filter pattern: a field name is expected at character 4 of '[a,'",
		"[a b]":               "Invalid filter pattern: an operator is expected at character 4 of '[a b'",
	} {
		_, err := Compile(pattern)
		var e Error
		if !errors.As(err, &e) || string(e) != want {
			t.Errorf("%s\n got %v\nwant %s", pattern, err, want)
		}
	}
}

func TestExtract(t *testing.T) {
	for _, tc := range []struct {
		pattern, message string
		want             map[string]string
	}{
		{"{ $.latency > 1 && $.n < 0 }", trail, map[string]string{"$.latency": "1.5e2", "$.n": "-3"}},
		{"[ip, ..., status = 404, size]", access, map[string]string{"$ip": "127.0.0.1", "$status": "404", "$size": "1534"}},
		{"frank", access, map[string]string{}},
		{"nobody", access, nil},
	} {
		p, err := Compile(tc.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := p.Extract(tc.message)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.pattern, diff)
		}
	}
}

// A pattern is refused or can be asked anything; never a panic or a loop.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{`a "b c" -d ?e %f%`, `{ $.a[0].b = "x*" && ($['c'] != 1 || $.d NOT EXISTS) }`, `[a=1, ..., b != %x% && b > 2]`, `{$.a IS NULL}`, "[..."} {
		f.Add(seed, trail)
		f.Add(seed, access)
	}
	f.Fuzz(func(t *testing.T, pattern, message string) {
		p, err := Compile(pattern)
		if err != nil {
			if err.Error() == "" || utf8.ValidString(pattern) && !utf8.ValidString(err.Error()) {
				t.Errorf("error text %q", err)
			}
			return
		}
		values, ok := p.Extract(message)
		if ok != p.Match(message) || ok != (values != nil) {
			t.Errorf("Match and Extract differ on %q", message)
		}
	})
}
