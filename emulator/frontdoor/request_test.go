package frontdoor_test

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/postern/postern/emulator/frontdoor"
)

func TestFromHTTPKeepsThePathAsSent(t *testing.T) {
	for _, path := range []string{"/a%2Fb", "/a%20b", "/%7Euser", "/a+b", "//x", "/a|b", "/@c/x="} {
		r := httptest.NewRequest("GET", "http://localhost/", nil)
		r.RequestURI = path + "?q=1"
		if got := frontdoor.FromHTTP(r).Path; got != path {
			t.Errorf("got %q, want %q", got, path)
		}
	}
	r := httptest.NewRequest("GET", "http://localhost/a%2Fb?x", nil) // absolute, as a proxy's client sends it
	if got := frontdoor.FromHTTP(r).Path; got != "/a%2Fb" {
		t.Errorf("got %q", got)
	}
}

func TestFormPeekLeavesTheBodyWhole(t *testing.T) {
	form := "Action=ListRoles&Version=2010-05-08&x=" + strings.Repeat("y", 2<<20)
	r := httptest.NewRequest("POST", "/", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	target := newDoor().Classify(frontdoor.FromHTTP(r))
	if target.Service != "iam" {
		t.Errorf("service %q, want iam", target.Service)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || string(body) != form {
		t.Errorf("the handler read %d bytes (%v), want %d", len(body), err, len(form))
	}
}

func TestFormPeekLeavesTheError(t *testing.T) {
	broken := errors.New("connection gone")
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("Action=A"), iotest.ErrReader(broken)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	newDoor().Classify(frontdoor.FromHTTP(r))
	body, err := io.ReadAll(r.Body)
	if string(body) != "Action=A" || !errors.Is(err, broken) {
		t.Errorf("the handler read %q, %v", body, err)
	}
}
