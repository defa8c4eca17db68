package emulator_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/postern/postern/"

// standard stands before the standard library's paths, of which one is runtime.
const standard = "std:"

// TestImportRules holds the package tree to its rules: who may know whom.
func TestImportRules(t *testing.T) {
	direct := imports(t)
	for pkg, list := range direct {
		for _, imp := range list {
			if why := breach(pkg, imp); why != "" {
				t.Errorf("%s imports %s: %s", pkg, imp, why)
			}
		}
	}
	for lib, most := range map[string]int{
		"github.com/docker/docker":      1,
		"github.com/gorilla/websocket":  1,
		"github.com/getkin/kin-openapi": 2,
	} {
		var importers []string
		for pkg, list := range direct {
			for _, imp := range list {
				if strings.HasPrefix(imp, lib) {
					importers = append(importers, pkg)
					break
				}
			}
		}
		if len(importers) > most {
			t.Errorf("%s has %d importers, at most %d: %v", lib, len(importers), most, importers)
		}
	}
}

func breach(pkg, imp string) string {
	ours := func(prefix string) bool { return imp == prefix || strings.HasPrefix(imp, prefix+"/") }
	in := func(prefix string) bool { return pkg == prefix || strings.HasPrefix(pkg, prefix+"/") }
	switch {
	case ours("emulator") && !in("emulator") && !in("cmd"):
		return "only the command and tests know the composition"
	case in("runtime") && (ours("controlplane") || ours("lambda")):
		return "the data plane stands alone"
	case in("controlplane") && ours("runtime") && !ours("runtime/snapshot"):
		return "the control plane meets the data plane in snapshots only"
	case in("controlplane") && ours("lambda"):
		return "the control plane does not know functions"
	case in("lambda") && ours("runtime"):
		return "functions do not know gateways"
	case in("lambda") && ours("controlplane") && !ours("controlplane/awsapi") && !ours("controlplane/store"):
		return "functions use the protocol edge and the store, nothing else of the control plane"
	case in("lambda/executor") && ours("controlplane"):
		return "executors know no AWS API"
	}
	types := []string{"runtime/rest", "runtime/httpapi", "runtime/websocket"}
	for _, a := range types {
		for _, b := range types {
			if a != b && in(a) && ours(b) {
				return "API types never import one another"
			}
		}
	}
	return ""
}

// imports gives every package's direct imports, tests aside, with the module's
// own paths shortened.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	direct := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		for i := range f {
			if ours, ok := strings.CutPrefix(f[i], module); ok {
				f[i] = ours
			} else if !strings.Contains(f[i], ".") {
				f[i] = standard + f[i]
			}
		}
		direct[f[0]] = f[1:]
	}
	if len(direct) < 10 {
		t.Fatalf("go list found %d packages only", len(direct))
	}
	return direct
}
