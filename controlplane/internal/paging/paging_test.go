package paging_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
)

func double(n int) *int { n *= 2; return &n }

func TestV1(t *testing.T) {
	tests := []struct {
		name            string
		position        string
		limit, list     int
		want            int // items
		next, wantError bool
	}{
		{name: "empty"},
		{name: "default", list: 30, want: 25, next: true},
		{name: "all", list: 25, want: 25},
		{name: "some", list: 30, limit: 10, want: 10, next: true},
		{name: "more than AWS gives", list: 600, limit: 600, want: 500, next: true},
		{name: "unreadable position", list: 1, position: "?", wantError: true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got, next, err := paging.V1(make([]int, tc.list), &tc.position, &tc.limit, double)
			if len(got) != tc.want || (next != nil) != tc.next || (err != nil) != tc.wantError {
				t.Errorf("gave %d items, next %v, %v", len(got), next, err)
			}
			if err == nil && got == nil {
				t.Error("the list is nil")
			}
		})
	}
}

func TestV1LeadsToItsNextPage(t *testing.T) {
	list, two := []int{1, 2, 3}, 2
	first, next, err := paging.V1(list, nil, &two, double)
	if err != nil {
		t.Fatal(err)
	}
	rest, end, err := paging.V1(list, next, &two, double)
	if err != nil || end != nil {
		t.Fatalf("the second page gave %v, %v", end, err)
	}
	if diff := cmp.Diff([][]int{{2, 4}, {6}}, [][]int{first, rest}); diff != "" {
		t.Error(diff)
	}
}

func TestV2(t *testing.T) {
	tests := []struct {
		name       string
		max, token string
		list, want int
		next       bool
		wantError  string
	}{
		{name: "empty"},
		{name: "default", list: 101, want: 100, next: true},
		{name: "some", max: "10", list: 101, want: 10, next: true},
		{name: "more than there are", max: "2000", list: 101, want: 101},
		{name: "none", max: "0", wantError: "Invalid maxResults specified"},
		{name: "no number", max: "x", wantError: "Invalid maxResults specified"},
		{name: "unreadable token", token: "?", wantError: "Invalid nextToken specified"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got, next, err := paging.V2(make([]int, tc.list), &tc.max, &tc.token, double)
			if len(got) != tc.want || (next != nil) != tc.next {
				t.Errorf("gave %d items, next %v", len(got), awsapi.Val(next))
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if !strings.HasSuffix(text, tc.wantError) || (text == "") != (tc.wantError == "") {
				t.Errorf("gave error %q, want %q", text, tc.wantError)
			}
		})
	}
}
