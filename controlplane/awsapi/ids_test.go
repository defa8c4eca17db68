package awsapi_test

import (
	"regexp"
	"testing"

	"github.com/postern/postern/controlplane/awsapi"
)

func TestRandom(t *testing.T) {
	tests := []struct {
		name, want string
		give       func() string
	}{
		{"id", `^[a-z0-9]{10}$`, func() string { return awsapi.RandomID(10) }},
		{"odd number of digits", `^[0-9a-f]{7}$`, func() string { return awsapi.RandomHex(7) }},
		{"alphabet", `^[AB]{40}$`, func() string { return awsapi.Random(40, "AB") }},
		{"none", `^$`, func() string { return awsapi.RandomID(0) }},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.give(); !regexp.MustCompile(tc.want).MatchString(got) {
				t.Errorf("gave %q", got)
			}
		})
	}
}
