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
	many["one more"] = ""
	for name, bad := range map[string]map[string]string{
		"reserved": {"aws:x": "1"}, "no key": {"": "1"}, "many": many,
		"long key": {strings.Repeat("k", 129): "1"}, "long value": {"k": strings.Repeat("v", 257)},
	} {
		if tags.Check(bad) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
