package vtl_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/vtl"
)

func TestMapKeepsInsertionOrderAtAnySize(t *testing.T) {
	m := vtl.NewMap(0)
	var want []string
	for i := range 100 {
		key := fmt.Sprint("k", i)
		m.Put(key, int64(i))
		if i%3 != 0 {
			want = append(want, fmt.Sprintf("%s=%d", key, i))
		}
	}
	for i := 0; i < 100; i += 3 {
		if old := m.Remove(fmt.Sprint("k", i)); old != int64(i) {
			t.Errorf("removing k%d gave %v", i, old)
		}
	}
	got, err := vtl.String(m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("{"+strings.Join(want, ", ")+"}", got); diff != "" {
		t.Error(diff)
	}
	for i := range 100 {
		v, ok := m.Get(fmt.Sprint("k", i))
		if ok != (i%3 != 0) || ok && v != int64(i) {
			t.Errorf("k%d: %v, %v", i, v, ok)
		}
	}
}

func TestDoublesPrintAsJavaPrintsThem(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -1.5: "-1.5", 0.001: "0.001", 0.00099: "9.9E-4", 9999999: "9999999.0", 1e7: "1.0E7",
		12345678.9: "1.23456789E7", 1e21: "1.0E21", 1e-10: "1.0E-10", 1.7976931348623157e308: "1.7976931348623157E308",
		math.Inf(1): "Infinity", math.Inf(-1): "-Infinity",
	} {
		if got, _ := vtl.String(f); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got, _ := vtl.String(math.NaN()); got != "NaN" {
		t.Errorf("got %s", got)
	}
}

func TestDecodeJSON(t *testing.T) {
	tests := []struct{ text, java, json string }{
		{` {"b" : 1 , "a" : [ true , null , "x" ] } `, `{b=1, a=[true,null,"x"]}`, `{"b":1,"a":[true,null,"x"]}`},
		{`"\u00e9\n\ud83d\ude00"`, "é\n😀", `"é\n😀"`},
		{`-12.5e2`, `-1250.0`, `-1250.0`},
		{`-0`, `0`, `0`},
		{`[]`, `[]`, `[]`},
		{`{}`, `{}`, `{}`},
		{`{"a":1,"a":2}`, `{a=2}`, `{"a":2}`},
		{`null`, ``, `null`},
	}
	for _, tc := range tests {
		v, err := vtl.DecodeJSON(tc.text)
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		java, _ := vtl.String(v)
		text, _ := vtl.JSON(v)
		if java != tc.java || text != tc.json {
			t.Errorf("%s: got %s and %s, want %s and %s", tc.text, java, text, tc.java, tc.json)
		}
	}
	for _, text := range []string{"", " ", "{", "[1,]", "{a:1}", "'x'", "1 2", "nul", "01", `"\x"`} {
		if _, err := vtl.DecodeJSON(text); !errors.Is(err, vtl.ErrJSON) {
			t.Errorf("DecodeJSON(%q): error %v", text, err)
		}
	}
}

// counter is a host object.
type counter struct{ n int64 }

func (c *counter) String() string { return "counter" }

func (c *counter) Property(name string) any {
	if name == "value" {
		return c.n
	}
	return nil
}

func (c *counter) Call(run *vtl.Run, name string, args []any) (any, error) {
	switch {
	case name == "add" && len(args) == 1:
		n, ok := args[0].(int64)
		if !ok {
			return nil, errors.New("not a number")
		}
		c.n += n
		return c.n, run.Charge(1)
	case name == "text" && len(args) == 1:
		return run.String(args[0])
	}
	return nil, nil
}

func TestObject(t *testing.T) {
	tests := []struct{ src, want string }{
		{`$c.add(2) $c.value $c["value"] $c [$c.other] [$c.other()] $c.toString()`, "2 2 2 counter [] [] counter"},
		{`#define($d)$x#end#set($x = 5)$c.text($d) $c.text({"a": [1, 2]})`, "5 {a=[1, 2]}"},
	}
	for _, tc := range tests {
		template, err := vtl.Parse(tc.src)
		if err != nil {
			t.Fatal(err)
		}
		got, err := template.Execute(t.Context(), vtl.Env{"c": &counter{}}, vtl.Limits{})
		if err != nil || got != tc.want {
			t.Errorf("got %q, error %v; want %q", got, err, tc.want)
		}
	}
	template, err := vtl.Parse("x\n $c.add('y')")
	if err != nil {
		t.Fatal(err)
	}
	_, err = template.Execute(t.Context(), vtl.Env{"c": &counter{}}, vtl.Limits{})
	var located *vtl.Error
	if !errors.As(err, &located) || located.Line != 2 || located.Column != 4 {
		t.Errorf("got error %v, want one at 2:4", err)
	}
}
