package vtl_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/postern/postern/runtime/vtl"
)

func execute(t *testing.T, ctx context.Context, src string, limits vtl.Limits) (string, error) {
	t.Helper()
	template, err := vtl.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return template.Execute(ctx, nil, limits)
}

func TestForeachStopsAfterItsIterations(t *testing.T) {
	got, err := execute(t, t.Context(), "#foreach($i in [1..2000])#set($last = $i)#end$last", vtl.Limits{})
	if err != nil || got != "1000" {
		t.Errorf("got %q, error %v; want the loop to end silently after 1000 rounds", got, err)
	}
}

func TestLimits(t *testing.T) {
	loop := "#foreach($i in [1..1000])#foreach($j in [1..1000])"
	tests := []struct{ name, src string }{
		{"nested loops", loop + "#foreach($k in [1..1000])#end#end#end"},
		{"output", loop + strings.Repeat("x", 100) + "#end#end"},
		{"text that doubles", `#set($s = "x")` + loop + `#set($s = "$s$s")#end#end`},
		{"concatenation that doubles", `#set($s = "x")` + loop + `#set($s = $s + $s)#end#end`},
		{"list that doubles", `#set($l = [1])` + loop + `#set($x = $l.addAll($l))#end#end`},
		{"replacement that grows", `#set($s = "x")` + loop + `#set($s = $s.replaceAll("x", "xxxx"))#end#end`},
		{"plain replacement that grows", `#set($s = "x")` + loop + `#set($s = $s.replace("x", "xxxx"))#end#end`},
		{"empty replacement that grows", `#set($s = "x")` + loop + `#set($s = $s.replace("", "$s"))#end#end`},
		{"long range", "#set($r = [1..2000000000])"},
		{"definitions that multiply", strings.Repeat("#define($a)$b$b$b$b$b$b$b$b#end#define($b)$a$a$a$a$a$a$a$a#end", 1) +
			"#define($c)$a$a$a$a$a$a$a$a$a#end" + loop + "$c#end#end"},
		{"list within itself", "#set($l = [1])#set($x = $l.add($l))$l"},
		{"map within itself", "#set($m = {})#set($m.m = $m)$m.toString()"},
		{"comparison of shared lists", "#set($a = [1])#set($b = [1])#foreach($i in [1..100])#set($a = [$a, $a])#set($b = [$b, $b])#end" +
			"#if($a == $b)x#end"},
		{"large expression", `#set($p = "(?:[ab]?){1000}")#foreach($i in [1..10])#set($p = "$p$p")#end$p.matches($p)`},
		{"long text in a costly expression", `#set($s = "abcdefgh")#foreach($i in [1..12])#set($s = "$s$s")#end` +
			loop + `$s.matches("(?:[a-z]?){900}")#end#end`},
		{"expression of nested repetitions", `#set($s = "aaaaaaaa")` + loop + `#set($s = "$s$s")$s.matches("(a+)+b")#end#end`},
		{"expression that backtracks", `#set($s = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")$s.matches('^(?=(a+)+$).*')`},
		{"expression that backtracks for a while, often", `#set($s = "aaaaaaaaaaaaaaaaaab")` + loop + `#set($x = $s.replaceAll('^(?=(a+)+$)', ''))#end#end`},
		{"characters of a text", `#set($s = "abcdefgh")#foreach($i in [1..10])#set($s = "$s$s")#end` + loop + `#set($x = $s.toCharArray())#end#end`},
		{"text of shared lists", "#set($a = [])#foreach($i in [1..100])#set($a = [$a, $a])#end$a"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			if out, err := execute(t, t.Context(), tc.src, vtl.Limits{Output: 1 << 20, Work: 1 << 18}); err == nil {
				t.Errorf("rendered %d bytes without an error", len(out))
			}
		})
	}
}

func TestExecuteEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := execute(t, ctx, "x", vtl.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}

func TestParseLimits(t *testing.T) {
	deep := 100_000
	for name, src := range map[string]string{
		"if":       strings.Repeat("#if(true)", deep) + strings.Repeat("#end", deep),
		"brackets": "#set($a = " + strings.Repeat("[", deep) + strings.Repeat("]", deep) + ")",
		"braces":   "#set($a = " + strings.Repeat("{1:", deep),
		"parens":   "#set($a = " + strings.Repeat("(", deep),
		"not":      "#if(" + strings.Repeat("!", deep),
		"index":    strings.Repeat("$a[", deep),
		"calls":    strings.Repeat("$a.b(", deep),
		"macros":   strings.Repeat("#macro(a)", deep),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := vtl.Parse(src); err == nil || !strings.Contains(err.Error(), "too deeply") {
				t.Errorf("got error %v", err)
			}
		})
	}
}

func TestTemplateIsSafeForConcurrentUse(t *testing.T) {
	template, err := vtl.Parse(`#set($x = $n)#define($d)$x#end#foreach($i in [1..50])$d#end#if($n.toString().matches("\d+"))!#end`)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			want := strings.Repeat(string(rune('0'+n)), 50) + "!"
			for range 50 {
				got, err := template.Execute(t.Context(), vtl.Env{"n": int64(n)}, vtl.Limits{})
				if err != nil || got != want {
					t.Errorf("got %q, error %v; want %q", got, err, want)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestDefineAndStopLeaveOutputAlone(t *testing.T) {
	got, err := execute(t, t.Context(), `a#set($x = "b$y#stop")c`, vtl.Limits{})
	if err != nil || got != "a" {
		t.Errorf("got %q, error %v", got, err)
	}
}
