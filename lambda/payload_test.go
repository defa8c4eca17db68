package lambda

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestPayload(t *testing.T) {
	const start = "Could not parse request body into json: Could not parse payload into json: "
	for _, tc := range []struct{ payload, want string }{
		{"", ""},
		{"null", ""},
		{` {"a": [1, 2.5, "x", true]} `, ""},
		{"x", "Unexpected character ('x' (code 120)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')|line: 1, column: 2"},
		{"[1,\n y]", "Unexpected character ('y' (code 121)): |line: 2, column: 3"},
		{"{bad", "Unexpected character ('b' (code 98)): |line: 1, column: 3"},
		{"\x01", "Unexpected character ((CTRL-CHAR, code 1)): |line: 1, column: 2"},
		{"n\x87", "Invalid UTF-8 start byte 0x87|line: 1, column: 3"},
		{"\u0099", "Unexpected character ((CTRL-CHAR, code 153)): |line: 1, column: 1"},
		{"\x87", "Invalid UTF-8 start byte 0x87|line: 1, column: 2"},
		{"\"a\xff\"", "Invalid UTF-8 start byte 0xff|line: 1, column: 4"},
		{"{", "Unexpected end-of-input|line: 1, column: 2"},
		{"1 2", "Unexpected character ('2' (code 50)): |line: 1, column: 4"},
	} {
		err := checkPayload(RequestResponse, []byte(tc.payload))
		if tc.want == "" {
			if err != nil {
				t.Errorf("%q: %v", tc.payload, err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Code != "InvalidRequestContentException" {
			t.Errorf("%q: got %v", tc.payload, err)
			continue
		}
		what, where, _ := strings.Cut(tc.want, "|")
		if !strings.HasPrefix(e.Message, start+what) || !strings.HasSuffix(e.Message, "disabled); "+where+"]") {
			t.Errorf("%q: got %q", tc.payload, e.Message)
		}
	}
}

func FuzzPayload(f *testing.F) {
	for _, seed := range []string{"", "{}", "{bad", "\xff", "[1,\n", `"\ud800"`, "1 2", "\u2028"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		err := checkPayload(RequestResponse, payload)
		if len(payload) > 0 && err == nil && !json.Valid(payload) {
			t.Errorf("%q passed", payload)
		}
	})
}
