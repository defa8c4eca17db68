package jsonpath_test

import (
	"errors"
	"testing"

	"github.com/postern/postern/runtime/mapping/jsonpath"
	"github.com/postern/postern/runtime/vtl"
)

func free(int) error { return nil }

const orders = `{
  "orders": [
    {"id": 1, "total": 8.5, "tags": ["new", "eu"], "buyer": {"name": "Ana", "vip": true}},
    {"id": 2, "total": 30, "tags": [], "buyer": {"name": "Bob"}},
    {"id": 3, "total": 30.0, "tags": ["us"], "note": null, "buyer": {"name": "O'Neil"}}
  ],
  "limit": 10,
  "foo:bar": {"a.b": "dotted", "id": 9},
  "empty": {}
}`

func TestEval(t *testing.T) {
	tests := []struct {
		path, want string // want "none": a definite path that leads nowhere
	}{
		{"$.limit", `10`},
		{"limit", `10`},
		{"$['limit']", `10`},
		{`$["foo:bar"]['a.b']`, `"dotted"`},
		{"$.foo:bar.id", `9`},
		{"$.missing", `none`},
		{"$.missing.below", `none`},
		{"$.orders.id", `none`},
		{"$.limit.id", `none`},
		{"$.orders[0].buyer.name", `"Ana"`},
		{"$.orders[-1].id", `3`},
		{"$.orders[7]", `none`},
		{"$.orders[7].id", `none`},
		{"$.orders[2].note", `null`},
		{"$.orders[0,2].id", `[1,3]`},
		{"$.orders[0, 9].id", `[1]`},
		{"$.orders[1:].id", `[2,3]`},
		{"$.orders[:1].id", `[1]`},
		{"$.orders[-2:].id", `[2,3]`},
		{"$.orders[0:-1].id", `[]`},
		{"$.orders[0:2].id", `[1,2]`},
		{"$.orders[:-1].id", `[1,2]`},
		{"$.orders[-2:1].id", `[2,3,1]`},
		{"$.orders[-9:-1].id", `[1,2]`},
		{"$.orders[-9:].id", `[1,2,3]`},
		{"$.orders[:-9].id", `[]`},
		{"$.orders[5:].id", `[]`},
		{"$.limit[1:]", `[]`},
		{"$.orders[*].tags[*]", `["new","eu","us"]`},
		{"$.orders.*.id", `[1,2,3]`},
		{"$.missing[*]", `[]`},
		{"$.limit[*]", `[]`},
		{"$.orders[*].missing.id", `[]`},
		{"$.orders[2].note.id", `none`},
		{"$.orders.[0].id", `1`},
		{"$.['limit']", `10`},
		{"$.empty.*", `[]`},
		{"$..id", `[1,2,3,9]`},
		{"$..tags[0]", `["new","us"]`},
		{"$..nothing", `[]`},
		{"$.orders[1].buyer..*", `["Bob"]`},
		{"$.orders[0]['id','total']", `{"id":1,"total":8.5}`},
		{"$.orders[*]['id','note']", `[{"id":1},{"id":2},{"id":3,"note":null}]`},
		{"$.orders.length()", `3`},
		{"$.orders[0].length()", `4`},
		{"$.limit.length()", `null`},
		{"$.missing.length()", `none`},
		{"$..id.length()", `0`},
		{"$..tags.length()", `3`},
		{"$.orders[*].tags.length()", `[2,0,1]`},
		{"$.orders[0].keys()", `["id","total","tags","buyer"]`},
		{"$.orders[0].tags.concat()", `"neweu"`},
		{"$.orders[0].tags.first()", `"new"`},
		{"$.orders[0].tags.last()", `"eu"`},
		{"$.orders[0].tags.index(-1)", `"eu"`},
		{"$.orders[0].tags.index(2)", `none`},
		{"$..id.stddev()", `3.112474899497183`},
		{"$.limit.keys()", `null`},
		{"$..id.sum()", `15.0`},
		{"$..total.max()", `30.0`},
		{"$.orders[*].total.max()", `[]`},
		{"$..id.min()", `1.0`},
		{"$..id.avg()", `3.75`},
		{"$..tags.sum()", `none`},
		{"$.orders[?(@.total > 8.5)].id", `[2,3]`},
		{"$.orders[?(@.total>=8.5)].id", `[1,2,3]`},
		{"$.orders[?(@.total < $.limit)].id", `[1]`},
		{"$.orders[?(@.total == 30)].id", `[2,3]`},
		{"$.orders[?(30 != @.total)].id", `[1]`},
		{"$.orders[?(@.buyer.vip)].id", `[1]`},
		{"$.orders[?(!@.buyer.vip)].id", `[2,3]`},
		{"$.orders[?(@.note == null)].id", `[3]`},
		{"$.orders[?(@.buyer.vip == true && @.id == 1)].id", `[1]`},
		{"$.orders[?(@.id == 1 || (@.id == 3 && @.total > 1))].id", `[1,3]`},
		{`$.orders[?(@.buyer.name == 'O\'Neil')].id`, `[3]`},
		{`$.orders[?(@.buyer.name =~ /[ab].*/i)].id`, `[1,2]`},
		{`$.orders[?(@.buyer.name =~ /(?!b)\w++/i)].id`, `[1]`},
		{`$.orders[?(@.id in [1, 3])].id`, `[1,3]`},
		{`$.orders[?(@.buyer.name nin ['Ana', "Bob"])].id`, `[3]`},
		{`$.orders[?(@.tags contains 'eu')].id`, `[1]`},
		{`$.orders[?(@.buyer.name contains 'n')].id`, `[1]`},
		{`$.orders[?(@.tags size 2)].id`, `[1]`},
		{`$.orders[?(@.tags empty true)].id`, `[2]`},
		{`$.orders[?(@.tags[?(@ == 'us')])].id`, `[1,2,3]`},
		{`$.orders[?(@.buyer.vip[*])].id`, `[1]`},
		{`$.orders[?(@.none == @.never)].id`, `[]`},
		{`$.orders[?(@.none != @.never)].id`, `[1,2,3]`},
		{`$.orders[?(@.none nin [1])].id`, `[1,2,3]`},
		{`$.orders[?(@.id == '1')].id`, `[1]`},
		{`$.orders[?('30.0' == @.total)].id`, `[3]`},
		{`$.orders[?(@.id === '1')].id`, `[]`},
		{`$.orders[?(@.id !== '1')].id`, `[1,2,3]`},
		{`$.orders[?(@.id === 1)].id`, `[1]`},
		{`$.orders[?(@.tags all ['new'])].id`, `[1]`},
		{`$.orders[?(@.tags subsetof ['us', 'eu'])].id`, `[2,3]`},
		{`$.orders[?(@.tags anyof ['us', 'eu'])].id`, `[1,3]`},
		{`$.orders[?(@.tags noneof ['us', 'eu'])].id`, `[2]`},
		{`$.orders[?(@.tags =~ /e./)].id`, `[1]`},
		{`$.orders[?(@.id =~ /[12]/)].id`, `[1,2]`},
		{`$..[?(@.id == 1)].total`, `[8.5]`},
		{`$..[?(@ == 'us')]`, `[]`},
		{`$.limit[?(@ > 1)]`, `[]`},
		{`$.orders[0]['x','y']`, `{}`},
		{`$..['name','vip']`, `[{"name":"Ana","vip":true}]`},
		{`$..[?(@.vip)].name`, `["Ana"]`},
		{`$.orders[?(@.total > 'x')].id`, `[]`},
	}
	root, err := vtl.DecodeJSON(orders)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range tests {
		t.Run(tc.path, func(t *testing.T) {
			path, err := jsonpath.Compile(tc.path)
			if err != nil {
				t.Fatal(err)
			}
			v, found, err := path.Eval(root, free)
			if err != nil {
				t.Fatal(err)
			}
			got := "none"
			if found {
				if got, err = vtl.JSON(v); err != nil {
					t.Fatal(err)
				}
			}
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestRootKeepsOrderAndNumbers(t *testing.T) {
	tests := []struct{ text, want string }{
		{`{"b":1, "a":[{"z":null, "y":"\u00e9\/"}]}`, `{"b":1,"a":[{"z":null,"y":"é/"}]}`},
		{`[1, []]`, `[1,[]]`},
		{`"x"`, `"x"`},
		{`12345678901234567890`, `12345678901234567890`},
	}
	path, err := jsonpath.Compile("$")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range tests {
		root, err := vtl.DecodeJSON(tc.text)
		if err != nil {
			t.Fatal(err)
		}
		v, found, err := path.Eval(root, free)
		if err != nil || !found {
			t.Fatalf("found %v, error %v", found, err)
		}
		if got, _ := vtl.JSON(v); got != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, path := range []string{
		"", " ", "$.", "$..", "$.a.", "$[", "$[]", "$['a'", "$['a]", "$[1", "$[a]", "$[:]", "$[1,]", "$.a b", "$x",
		"$.a.nofunction()", "$.a.first().b", "$.a.length(1)", "$[?]", "$[?(]", "$[?()]", "$[?(@.a ==)]", "$[?(@.a", "$[?(1)]",
		"$[?(@.a =~ x)]", "$[?(@.a =~ /(/)]", "$[?(@.a =~ /x)]", "$[?(@.a in [1)]", "$.a.index()", "$.a.index(x)",
	} {
		if _, err := jsonpath.Compile(path); err == nil {
			t.Errorf("Compile(%q) succeeded", path)
		}
	}
}

func TestEvalStopsWhenChargeFails(t *testing.T) {
	root, err := vtl.DecodeJSON(orders)
	if err != nil {
		t.Fatal(err)
	}
	path, err := jsonpath.Compile("$..*..*[?(@.a == 1 || @)]")
	if err != nil {
		t.Fatal(err)
	}
	budget, spent := 20, errors.New("spent")
	_, _, err = path.Eval(root, func(n int) error {
		if budget -= n; budget < 0 {
			return spent
		}
		return nil
	})
	if !errors.Is(err, spent) {
		t.Errorf("got error %v, want %v", err, spent)
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"$", "$.orders[0].id", "$..id", "$.orders[?(@.total > 8.5 && @.tags contains 'eu')].id", "$['foo:bar']['a.b']",
		"$.orders[-2:].length()", "$.orders[?(@.buyer.name =~ /[ab].*/i)]", "$..[?(@.id in [1,2])]", "a.b",
	} {
		f.Add(seed)
	}
	root, err := vtl.DecodeJSON(orders)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		path, err := jsonpath.Compile(src)
		if err != nil {
			return
		}
		budget := 100_000
		v, found, err := path.Eval(root, func(n int) error {
			if budget -= n; budget < 0 {
				return errors.New("spent")
			}
			return nil
		})
		if err == nil && found {
			if _, err := vtl.JSON(v); err != nil {
				t.Errorf("%s: result does not print: %v", src, err)
			}
		}
	})
}
