package httpapi

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/postern/postern/runtime/reqcontext"
)

func routerOf(t testing.TB, keys ...string) *router {
	t.Helper()
	r := &router{}
	for _, k := range keys {
		key, err := parseRouteKey(k)
		if err != nil {
			t.Fatal(err)
		}
		rt := &route{key: k, parts: key.parts}
		for _, p := range key.parts {
			if p.kind != literalPart {
				rt.variables++
			}
		}
		if err := r.add(key, rt); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestRouteSelection(t *testing.T) {
	documented := []string{"GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"}
	for _, tc := range []struct {
		name         string
		keys         []string
		method, path string
		want         string
		params       []reqcontext.Param
	}{
		{"guide: full match", documented, "GET", "/pets/dog/1", "GET /pets/dog/1", nil},
		{"guide: variable", documented, "GET", "/pets/dog/2", "GET /pets/dog/{id}", []reqcontext.Param{{Name: "id", Value: "2"}}},
		{"guide: greedy", documented, "GET", "/pets/cat/1", "GET /pets/{proxy+}", []reqcontext.Param{{Name: "proxy", Value: "cat/1"}}},
		{"guide: any greedy", documented, "POST", "/test/5", "ANY /{proxy+}", []reqcontext.Param{{Name: "proxy", Value: "test/5"}}},
		{"root falls to $default, greedy needs a part", documented, "GET", "/", "$default", nil},
		{"greedy does not match its own parent", []string{"GET /pets/{proxy+}"}, "GET", "/pets", "", nil},
		{"greedy does not match its own parent with a slash", []string{"GET /pets/{proxy+}"}, "GET", "/pets/", "", nil},
		{"method beats ANY on one path", []string{"ANY /a", "GET /a"}, "GET", "/a", "GET /a", nil},
		{"ANY takes other methods", []string{"ANY /a", "GET /a"}, "PUT", "/a", "ANY /a", nil},
		{"path decides before method", []string{"GET /{x}", "ANY /a"}, "GET", "/a", "ANY /a", nil},
		{"no method on the best path: the next one", []string{"POST /a/b", "GET /a/{x}", "$default"}, "GET", "/a/b", "GET /a/{x}", []reqcontext.Param{{Name: "x", Value: "b"}}},
		{"no method anywhere: $default", []string{"POST /a/b", "$default"}, "GET", "/a/b", "$default", nil},
		{"no method and no default: nothing", []string{"POST /a/b"}, "GET", "/a/b", "", nil},
		{"full match before greedy", []string{"GET /a/{proxy+}", "GET /{x}/{y}"}, "GET", "/a/b", "GET /{x}/{y}", []reqcontext.Param{{Name: "x", Value: "a"}, {Name: "y", Value: "b"}}},
		{"more literal parts", []string{"GET /a/{x}/{y}", "GET /{x}/b/c"}, "GET", "/a/b/c", "GET /{x}/b/c", []reqcontext.Param{{Name: "x", Value: "a"}}},
		{"longer greedy prefix", []string{"GET /{p+}", "GET /a/{p+}", "GET /a/b/{p+}"}, "GET", "/a/b/c/d", "GET /a/b/{p+}", []reqcontext.Param{{Name: "p", Value: "c/d"}}},
		{"more parts before the greedy variable", []string{"GET /a/{p+}", "GET /a/{x}/{p+}"}, "GET", "/a/b/c", "GET /a/{x}/{p+}", []reqcontext.Param{{Name: "p", Value: "c"}, {Name: "x", Value: "b"}}},
		{"trailing slash is ignored", []string{"GET /my/path"}, "GET", "/my/path/", "GET /my/path", nil},
		{"a path with its slash", []string{"GET /a/", "GET /a"}, "GET", "/a/", "GET /a/", nil},
		{"a path without", []string{"GET /a", "GET /a/"}, "GET", "/a", "GET /a", nil},
		{"a slash too few", []string{"GET /a/"}, "GET", "/a", "GET /a/", nil},
		{"the method of the other", []string{"GET /a", "POST /a/"}, "POST", "/a", "POST /a/", nil},
		{"case-sensitive", []string{"GET /Pets"}, "GET", "/pets", "", nil},
		{"HEAD is not GET", []string{"GET /a"}, "HEAD", "/a", "", nil},
		{"variable wants a part", []string{"GET /a/{x}/b"}, "GET", "/a//b", "", nil},
		{"values are decoded once", []string{"GET /p/{x}"}, "GET", "/p/a%2Bb%2520%2Fc", "GET /p/{x}", []reqcontext.Param{{Name: "x", Value: "a+b%20/c"}}},
		{"greedy value is decoded", []string{"GET /trpc/{proxy+}"}, "GET", "/trpc/he%61lth/x", "GET /trpc/{proxy+}", []reqcontext.Param{{Name: "proxy", Value: "health/x"}}},
		{"unicode", []string{"GET /products/{name}/reviews/{title}"}, "GET", "/products/%E2%98%95%20Coffee/reviews/%F0%9F%98%8A%20Happy", "GET /products/{name}/reviews/{title}",
			[]reqcontext.Param{{Name: "name", Value: "☕ Coffee"}, {Name: "title", Value: "😊 Happy"}}},
		{"root route", []string{"GET /", "$default"}, "GET", "/", "GET /", nil},
		{"no routes", nil, "GET", "/", "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, params := routerOf(t, tc.keys...).find(tc.method, tc.path)
			key := ""
			if got != nil {
				key = got.key
			}
			if key != tc.want {
				t.Fatalf("route %q, want %q", key, tc.want)
			}
			if diff := cmp.Diff(params, tc.params); diff != "" {
				t.Errorf("path variables (-got +want):\n%s", diff)
			}
		})
	}
}

func FuzzRoute(f *testing.F) {
	r := routerOf(f, "GET /pets/dog/1", "GET /pets/dog/{id}", "ANY /{x}/{proxy+}", "POST /a/{b}/c/{d+}", "$default")
	for _, path := range []string{"/", "/pets/dog/%31", "//", "/a/b/c/", "%", "/a//b", "/%2f/%", ""} {
		f.Add("GET", path)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		if got, _ := r.find(method, path); got == nil {
			t.Fatalf("%s %q found no route, not even $default", method, path)
		}
	})
}

func BenchmarkRoute300(b *testing.B) {
	keys := []string{"ANY /{proxy+}", "$default"}
	for i := range 298 {
		keys = append(keys, "GET /svc"+string(rune('a'+i%26))+"/"+string(rune('a'+i/26))+"/items/{id}")
	}
	r := routerOf(b, keys...)
	b.ReportAllocs()
	for b.Loop() {
		if rt, _ := r.find("GET", "/svcc/d/items/42"); rt == nil {
			b.Fatal("no route")
		}
	}
}
