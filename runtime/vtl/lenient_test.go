package vtl_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/postern/postern/runtime/vtl"
)

// What json-smart makes of each in its permissive mode.
func TestDecodeLenient(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": 1, "b": [true]}`:       `{"a":1,"b":[true]}`,
		`{"a": 1,}`:                   `{"a":1}`,
		`{,"a": 1,, "b": 2}`:          `{"a":1,"b":2}`,
		`{a: b c, 'd': 'e"f'}`:        `{"a":"b c","d":"e\"f"}`,
		`{a b: 1}`:                    `{"a b":1}`,
		`{a: {b: [c, d]}}`:            `{"a":{"b":["c","d"]}}`,
		`[1, , 2,]`:                   `[1,2]`,
		`{"a":1 "b":2}`:               `{"a":"1 \"b\":2"}`,
		`[,]`:                         `[]`,
		`[1 2]`:                       `["1 2"]`,
		`[01, -0, 5., .5, +1, -, 1e]`: `[1,0,5.0,".5","+1",0,"1e"]`,
		`[1e3, 0x1, 1.5.2, 12:30]`:    `[1000.0,"0x1","1.5.2","12:30"]`,
		`[1e999]`:                     `[null]`,
		`[null, nul, True, NaN]`:      `[null,"nul","True",NaN]`,
		"[\"a\nb\", \"a\nb\\t\"]":     `["a\nb","ab\t"]`,
		`['\q\x41\u0042\'']`:          `["AB'"]`,
		`['\ud83d\ude00', '\ud83d']`:  `["😀","\ufffd"]`,
		`{"a": 1} b`:                  `{"a":1}`,
		`"a" b`:                       `"a"`,
		`a=b`:                         `"a=b"`,
		` a{b `:                       `"a{b"`,
		`null{`:                       `"null{"`,
		`12 13`:                       `"12 13"`,
		"// x\n{}":                    `"// x\n{}"`,
		" ":                           `""`,
	} {
		v, err := vtl.DecodeLenient(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, _ := vtl.JSON(v); got != strings.ReplaceAll(want, `\ufffd`, "\ufffd") {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{
		"", "{", "{a", "{a:", "{a:1", "{a}", `{"a"}`, `{"a" 1}`, `{"a":}`, "{[1]:2}", "{]", "[", "[1", "[1}", "[:]", "[a",
		"}", ":", "]", "'a", `"a`, `"a\`, `"\u12"`, `'\x4'`, strings.Repeat("[", 500) + "x",
	} {
		if v, err := vtl.DecodeLenient(text); !errors.Is(err, vtl.ErrJSON) {
			t.Errorf("DecodeLenient(%q): got %v, error %v", text, v, err)
		}
	}
}

func FuzzDecodeLenient(f *testing.F) {
	for _, seed := range []string{`{a: 'b', "c": [1, 2.5e3,],} x`, `a=b`, `["\u00e9\x41", nul, -]`, `{"a":{"b":[{}]}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := vtl.DecodeLenient(text)
		if err != nil {
			return
		}
		printed, err := vtl.JSON(v)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(printed, "NaN") {
			return
		}
		if _, err := vtl.DecodeJSON(printed); err != nil {
			t.Errorf("%q printed as %q, which is no JSON", text, printed)
		}
	})
}
