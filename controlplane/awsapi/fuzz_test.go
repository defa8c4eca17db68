package awsapi

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"
)

// sample has a member of every kind.
type sample struct {
	Text  *string
	Whole *int64
	Float *float64
	Flag  *bool
	Time  *time.Time
	Blob  []byte
	List  []string
	Map   map[string]string
	Inner *sampleInner
	Free  any
}

type sampleInner struct{ Items []sampleItem }

type sampleItem struct{ Name *string }

var (
	text        = Shape{Type: String}
	sampleItems = Shape{Type: List, Elem: &Shape{Type: Structure, Members: []Member{{Name: "Name", Wire: "Name", Shape: &text}}}}
	sampleShape = Shape{Type: Structure, Members: []Member{
		{Name: "Text", Wire: "Text", Shape: &text},
		{Name: "Whole", Wire: "Whole", Shape: &Shape{Type: Long}},
		{Name: "Float", Wire: "Float", Shape: &Shape{Type: Float}},
		{Name: "Flag", Wire: "Flag", Shape: &Shape{Type: Boolean}},
		{Name: "Time", Wire: "Time", Shape: &Shape{Type: Timestamp}},
		{Name: "Blob", Wire: "Blob", Shape: &Shape{Type: Blob}},
		{Name: "List", Wire: "List", Shape: &Shape{Type: List, Elem: &text}},
		{Name: "Map", Wire: "Map", Shape: &Shape{Type: Map, Key: &text, Elem: &text}},
		{Name: "Inner", Wire: "Inner", Shape: &Shape{Type: Structure, Members: []Member{{Name: "Items", Wire: "Items", Shape: &sampleItems}}}},
		{Name: "Free", Wire: "Free", Shape: &Shape{Type: Document}},
	}}
)

func (*sample) AWSShape() *Shape { return &sampleShape }

// What decodes binds or is refused; what is bound can be written in every protocol,
// and comes back the same from CBOR.
func FuzzCBOR(f *testing.F) {
	for _, seed := range [][]byte{
		{0xa0}, {0xbf, 0xff}, {0x9f, 0xff}, {0xf9, 0x7c, 0x00}, {0xfa, 0x7f, 0xc0, 0, 0},
		appendCBOR(nil, &sampleShape, reflect.ValueOf(sample{
			Text: Ptr("é"), Whole: Ptr(int64(-5)), Float: Ptr(1.5), Flag: Ptr(true), Time: Ptr(time.Unix(1e9, 5e8)), Blob: []byte{0}, List: []string{"a"},
			Map: map[string]string{"k": "v"}, Inner: &sampleInner{Items: []sampleItem{{Name: Ptr("x")}}},
		})),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tree, err := decodeCBOR(b)
		if err != nil {
			return
		}
		var in sample
		if bindValue(&sampleShape, tree, reflect.ValueOf(&in).Elem(), "") != nil {
			return
		}
		v := reflect.ValueOf(in)
		if j := (jsonEncoder{}).structure(nil, &sampleShape, v); !json.Valid(j) {
			t.Errorf("not JSON: %q", j)
		}
		var xml bytes.Buffer
		appendXML(&xml, "x", &Shape{Type: Structure, Members: sampleShape.Members[:9]}, v)
		if !utf8.Valid(xml.Bytes()) {
			t.Errorf("not UTF-8: %q", xml.Bytes())
		}
		in.Free, in.Time = nil, nil // written as null, and in milliseconds
		again, err := decodeCBOR(appendCBOR(nil, &sampleShape, reflect.ValueOf(in)))
		if err != nil {
			t.Fatalf("own CBOR: %v", err)
		}
		var back sample
		if err := bindValue(&sampleShape, again, reflect.ValueOf(&back).Elem(), ""); err != nil {
			t.Fatal(err)
		}
		if in.Float != nil && *in.Float != *in.Float { // NaN is not itself
			in.Float, back.Float = nil, nil
		}
		if !reflect.DeepEqual(in, back) {
			t.Errorf("%+v came back as %+v", in, back)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"Text":"\u0000\ud800","Whole":9223372036854775807,"Float":1e308,"Flag":false,"Time":1e18,"Blob":"AA==","List":["a"],"Map":{"k":"v"},"Inner":{"Items":[{"Name":"x"}]},"Free":[1]}`, `{"Time":"2026-01-15T12:00:00Z"}`, `[`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tree, err := parseJSON(b)
		if err != nil || tree == nil {
			return
		}
		var in sample
		if bindValue(&sampleShape, tree, reflect.ValueOf(&in).Elem(), "") != nil {
			return
		}
		if j := (jsonEncoder{}).structure(nil, &sampleShape, reflect.ValueOf(in)); !json.Valid(j) {
			t.Errorf("not JSON: %q", j)
		}
		if _, err := json.Marshal(in); err != nil { // as the store keeps it
			t.Error(err)
		}
	})
}

func FuzzForm(f *testing.F) {
	for _, seed := range []string{"Text=a&Whole=1&List.member.1=x&Map.entry.1.key=k&Map.entry.1.value=v&Inner.Items.member.1.Name=n", "List=&Inner.=.", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q=1", "Flag=TRUE&Time=2026-01-15T12:00:00Z&Float=NaN"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		values, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		var in sample
		// The document member has no form; it is only asked not to panic.
		_ = bindForm(&Shape{Type: Structure, Members: sampleShape.Members[:9]}, newForm(values), "", reflect.ValueOf(&in).Elem())
	})
}

func FuzzRoutes(f *testing.F) {
	model := &Model{Service: "x", Protocol: "rest-json", Operations: []Operation{
		{Name: "A", Method: "GET", URI: "/a/{id}/b"}, {Name: "B", Method: "GET", URI: "/a/{id}"}, {Name: "C", Method: "GET", URI: "/tags/{resource_arn}"},
		{Name: "D", Method: "GET", URI: "/a?mode=import"}, {Name: "E", Method: "GET", URI: "/a"}, {Name: "F", Method: "GET", URI: "/a/b/{rest}/c"},
	}}
	rt := newRoutes(model)
	for _, seed := range []string{"/a/x/b", "/a", "/a?mode=import", "/tags/arn:aws:x:::/y/z", "/a/b/c/c", "/a/%2F", "//", "/a/%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Host != "" {
			return
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = u
		op, names, values := rt.find(r)
		if op != nil && len(names) != len(values) {
			t.Errorf("%s: %v for %v", op.Name, values, names)
		}
	})
}
