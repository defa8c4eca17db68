package frontdoor_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern/postern/emulator/frontdoor"
)

func FuzzClassify(f *testing.F) {
	for _, tc := range append(append([]row(nil), dataPlane...), management...) {
		r := tc.request()
		f.Add(r.Method, r.Host, r.Path, r.Query, r.Header.Get("Authorization"), r.Header.Get("X-Amz-Target"), tc.body)
	}
	d := newDoor()
	f.Fuzz(func(t *testing.T, method, host, path, query, authorization, target, body string) {
		h := http.Header{}
		h.Set("Authorization", authorization)
		h.Set("X-Amz-Target", target)
		h.Set("Content-Type", "application/x-www-form-urlencoded")
		r := frontdoor.Request{
			Method: method, Host: host, Path: path, Query: query, Header: h,
			Form: func() string { return body },
		}
		got := d.Classify(r)
		if again := d.Classify(r); again != got {
			t.Errorf("once %+v, then %+v", got, again)
		}
		if (got.Kind == frontdoor.Service) != (got.Service != "") {
			t.Errorf("kind %v with service %q", got.Kind, got.Service)
		}
		if strings.HasPrefix(path, "/") && !strings.HasPrefix(got.Path, "/") {
			t.Errorf("path %q became %q", path, got.Path)
		}
		if got.Kind == frontdoor.Service && (got.Account == "" || got.Region == "") {
			t.Errorf("service call without identity: %+v", got)
		}
		// Credentials decide nothing about data-plane traffic.
		if got.DataPlane() {
			h.Del("Authorization")
			h.Del("X-Amz-Target")
			r.Form = nil
			if bare := d.Classify(r); bare != got {
				t.Errorf("with credentials %+v, without %+v", got, bare)
			}
		}
		_ = d.Admit(&got, r)
	})
}

func BenchmarkClassifyDataPlane(b *testing.B) {
	d := newDoor()
	r := row{url: "abc123.execute-api.us-east-1.localhost:4566/prod/pets/1?x=y", headers: []string{scope("execute-api")}}.request()
	b.ReportAllocs()
	for b.Loop() {
		d.Classify(r)
	}
}

func BenchmarkClassifyManagement(b *testing.B) {
	d := newDoor()
	r := row{url: "POST localhost:4566/v2/apis", headers: []string{scope("apigateway")}}.request()
	b.ReportAllocs()
	for b.Loop() {
		d.Classify(r)
	}
}
