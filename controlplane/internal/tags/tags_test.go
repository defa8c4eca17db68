package tags_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postern/postern/controlplane/internal/tags"
)

func TestCheck(t *testing.T) {
	many := map[string]string{}
	for i := range 50 {
		many[fmt.Sprint(i)] = ""
	}
	if err := tags.Check(many); err != nil {
		t.Errorf("50 tags: %v", err)
	}
	// AWS counts characters, not bytes.
	if err := tags.Check(map[string]string{strings.Repeat("ü", 128): strings.Repeat("ü", 256)}); err != nil {
		t.Errorf("the longest: %v", err)
	}
	many["one more"] = ""
	for name, bad := range map[string]map[string]string{
		"reserved": {"aws:x": "1"}, "no key": {"": "1"}, "many": many,
		"long key": {strings.Repeat("ü", 129): "1"}, "long value": {"k": strings.Repeat("ü", 257)},
	} {
		if tags.Check(bad) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
