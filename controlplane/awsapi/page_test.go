package awsapi_test

import (
	"slices"
	"testing"

	"github.com/postern/postern/controlplane/awsapi"
)

func TestPageWalksAllItems(t *testing.T) {
	items := []int{0, 1, 2, 3, 4, 5, 6}
	for limit := -1; limit < 10; limit++ {
		var got []int
		token := ""
		for range 10 {
			cut, next, ok := awsapi.Page(items, token, limit, 3, 5)
			if !ok || len(cut) > 5 || limit <= 0 && len(cut) > 3 {
				t.Fatalf("limit %d: page %v %v", limit, cut, ok)
			}
			got = append(got, cut...)
			if token = next; token == "" {
				break
			}
		}
		if !slices.Equal(got, items) {
			t.Errorf("limit %d: got %v", limit, got)
		}
	}
	for _, token := range []string{"x", "!", "cDp4", "cDotMQ", "cDoxOjIg", "cDoxOjIK", "cDoxOjJ4", "cDorMToy", "cDoxOjB4Mg"} { // p:x, p:-1, p:1:2 and a space, a line end, an x; p:+1:2, p:1:0x2
		if _, _, ok := awsapi.Page(items, token, 1, 1, 1); ok {
			t.Errorf("token %q was read", token)
		}
	}
	if cut, next, ok := awsapi.Page([]int(nil), "", 1, 1, 1); !ok || next != "" || len(cut) != 0 {
		t.Errorf("empty: %v %q %v", cut, next, ok)
	}
}

// TestPageOfAListThatChanges has items go and come between the pages: what was there all
// the time is shown.
func TestPageOfAListThatChanges(t *testing.T) {
	type item struct{ Name string }
	list := func(names string) (items []item) {
		for _, n := range names {
			items = append(items, item{string(n)})
		}
		return items
	}
	for _, tc := range []struct{ before, then, want string }{
		{"abcdef", "abcdef", "cd"},
		{"abcdef", "cdef", "cd"},     // who empties a list, page by page
		{"abcdef", "bcdef", "cd"},    //
		{"abcdef", "AabBcdef", "cd"}, // new ones in front
		{"abcdef", "abdef", "de"},    // the next one itself is gone
		{"abcdef", "", ""},
	} {
		_, next, _ := awsapi.Page(list(tc.before), "", 2, 2, 2)
		got, _, ok := awsapi.Page(list(tc.then), next, 2, 2, 2)
		if want := list(tc.want); !ok || !slices.Equal(got, want) {
			t.Errorf("%s, then %s: got %v %v, want %v", tc.before, tc.then, got, ok, want)
		}
	}
}

func TestARN(t *testing.T) {
	for _, tc := range []struct {
		in string
		ok bool
	}{
		{"arn:aws:logs:us-east-1:000000000000:log-group:/a:*", true},
		{"arn:aws:iam::aws:policy/x", true},
		{"arn:aws:iam::aws:", false},
		{"arn:aws:iam", false},
		{"urn:aws:iam::aws:x", false},
	} {
		a, ok := awsapi.ParseARN(tc.in)
		if ok != tc.ok || ok && a.String() != tc.in {
			t.Errorf("%s: got %+v %v", tc.in, a, ok)
		}
	}
	for region, want := range map[string]string{"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"} {
		if got := awsapi.Partition(region); got != want {
			t.Errorf("%s: got %s", region, got)
		}
	}
}

func TestTagsLeaveTheRecordAlone(t *testing.T) {
	have := map[string]string{"a": "1", "b": "2"}
	if got := awsapi.MergeTags(have, map[string]string{"a": "x", "c": "3"}); len(got) != 3 || got["a"] != "x" || have["a"] != "1" {
		t.Errorf("merged %v, was %v", got, have)
	}
	if got := awsapi.RemoveTags(have, []string{"a", "none"}); len(got) != 1 || len(have) != 2 {
		t.Errorf("removed %v, was %v", got, have)
	}
	if got := awsapi.RemoveTags(nil, []string{"a"}); len(got) != 0 {
		t.Errorf("removed %v", got)
	}
	if k := awsapi.ReservedTagKey(map[string]string{"AWS:x": ""}); k != "AWS:x" {
		t.Errorf("reserved %q", k)
	}
}
