package reqcontext

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseQuery(t *testing.T) {
	for raw, want := range map[string][]Param{
		"":               nil,
		"a":              {{"a", ""}},
		"a=&b=1":         {{"a", ""}, {"b", "1"}},
		"x=1&x=2&A=3":    {{"x", "1"}, {"x", "2"}, {"A", "3"}},
		"p=a+b&e=a%2Bb":  {{"p", "a b"}, {"e", "a+b"}},
		"k%20=%zz&&=v":   {{"k ", "%zz"}, {"", "v"}},
		"u=a=b":          {{"u", "a=b"}},
		"%E2%98%95=%F0%": {{"☕", "\xf0%"}},
	} {
		if diff := cmp.Diff(ParseQuery(raw), want); diff != "" {
			t.Errorf("%q (-got +want):\n%s", raw, diff)
		}
	}
}

func TestVariables(t *testing.T) {
	c := &Context{
		RequestID: "id=", Start: time.UnixMilli(1587481701067), AccountID: "1", Status: 200, Method: "GET",
		Authorizer:  Authorizer{Kind: LambdaAuthorizer, Latency: 7 * time.Millisecond, Context: map[string]any{"n": 1, "b": true, "s": "x", "o": map[string]any{"k": "<"}}, Claims: map[string]string{"sub": "me"}},
		Integration: Integration{Called: true, Latency: 1500 * time.Microsecond, Status: 418, ServiceStatus: 200},
		Error:       Error{Message: `say "no" & <go>`, ResponseType: "ACCESS_DENIED"},
	}
	for name, want := range map[string]string{
		"requestId": "id=", "requestTime": "21/Apr/2020:15:08:21 +0000", "requestTimeEpoch": "1587481701067", "status": "200",
		"authorizer.n": "1", "authorizer.b": "true", "authorizer.s": "x", "authorizer.o": `{"k":"<"}`, "authorizer.claims.sub": "me",
		"authorizer.latency": "7", "integration.latency": "1", "integrationStatus": "200", "integration.status": "418",
		"integration.timeToAllHeaders": "",
		"error.messageString":          `"say \"no\" & <go>"`, "identity.sourceIp": "", "authorizer.absent": "", "nonsense": "", "isCanaryRequest": "",
	} {
		if got, ok := c.Lookup(name); got != want || ok != (want != "") {
			t.Errorf("$context.%s: %q %t, want %q", name, got, ok, want)
		}
	}
	if _, ok := Variable("nonsense"); ok {
		t.Error("an unknown variable is known")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"/a%20b", "%", "%4", "%zz", "a+b", "%e2%98%95"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := DecodePath(s)
		if want, err := url.PathUnescape(s); err == nil && got != want {
			t.Fatalf("%q: %q, want %q", s, got, want)
		}
		ParseQuery(s)
	})
}

// The times of access logs are written by hand.
func TestCLFTime(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(2020, 3, 12, 19, 3, 58, 999e6, time.UTC),
		time.Date(2026, 12, 31, 23, 59, 59, 0, time.FixedZone("west", -3*3600)),
		time.Date(987, 1, 2, 3, 4, 5, 0, time.UTC),
		time.Date(10000, 1, 2, 3, 4, 5, 0, time.UTC),
		{},
	} {
		c := Context{Start: at}
		if got, _ := c.Lookup("requestTime"); got != at.UTC().Format(CLFTime) {
			t.Errorf("got %s, want %s", got, at.UTC().Format(CLFTime))
		}
	}
}
