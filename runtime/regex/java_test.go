package regex_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/regex"
)

// java are what java.util.regex of Java 17 finds: whether the expression matches the
// whole text, and where in it, in bytes, it and its groups do.
var java = []struct {
	expression, text string
	whole            bool
	found            [][]int
}{
	{`^(?=.*[A-Z]).+$`, "abC", true, [][]int{{0, 3}}},
	{`^(?=.*[A-Z]).+$`, "abc", false, [][]int{}},
	{`^(?=.*[A-Z]).+$`, "", false, [][]int{}},
	{`^(?=.*[A-Z]).+$`, "Ab\ncd", false, [][]int{}},
	{`^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[@$!%*?&])[A-Za-z\d@$!%*?&]{8,}$`, "Passw0rd!", true, [][]int{{0, 9}}},
	{`^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[@$!%*?&])[A-Za-z\d@$!%*?&]{8,}$`, "password!", false, [][]int{}},
	{`(?!.*Error).*`, "all well", true, [][]int{{0, 8}, {8, 8}}},
	{`(?!.*Error).*`, "An Error", false, [][]int{{4, 8}, {8, 8}}},
	{`^(?!5\d\d).*`, "404", true, [][]int{{0, 3}}},
	{`^(?!5\d\d).*`, "503", false, [][]int{}},
	{`foo(?!bar)`, "foobar foobaz", false, [][]int{{7, 10}}},
	{`(?<=\$)\d+`, "cost $42 or 17", false, [][]int{{6, 8}}},
	{`(?<!a)b`, "ab bb", false, [][]int{{3, 4}, {4, 5}}},
	{`(?<=a{1,3})b`, "aab", false, [][]int{{2, 3}}},
	{`\d(?=(\d{3})+$)`, "1234567", false, [][]int{{0, 1, 4, 7}, {3, 4, 4, 7}}},
	{`(?=(a+))a*b\1`, "baaabac", false, [][]int{{3, 6, 3, 4}}},
	{`(\w)\1`, "hello book", false, [][]int{{2, 4, 2, 3}, {7, 9, 7, 8}}},
	{`(a)(b)?\2`, "ab abb", false, [][]int{{3, 6, 3, 4, 4, 5}}},
	{`(?<q>['"]).*?\k<q>`, "say 'it' or \"that's\"", false, [][]int{{4, 8, 4, 5}, {12, 20, 12, 13}}},
	{`\1(a)`, "aa", false, [][]int{}},
	{`(a)\10`, "aa0", true, [][]int{{0, 3, 0, 1}}},
	{`(a)\11`, "aa1", true, [][]int{{0, 3, 0, 1}}},
	{`\2`, "x", false, [][]int{}},
	{`(?i)(a)\1`, "aA", true, [][]int{{0, 2, 0, 1}}},
	{`(?<first>a)(b)(?<last>c)\1\2\3`, "abcabc", true, [][]int{{0, 6, 0, 1, 1, 2, 2, 3}}},
	{`a++b`, "aaab", true, [][]int{{0, 4}}},
	{`a++a`, "aaa", false, [][]int{}},
	{`[ab]*+b`, "abab", false, [][]int{}},
	{`(?:ab)?+ab`, "ab", false, [][]int{}},
	{`a{1,2}+a`, "aaa", true, [][]int{{0, 3}}},
	{`a{1,2}+a`, "aa", false, [][]int{}},
	{`(a|b)++c`, "abc", true, [][]int{{0, 3, 1, 2}}},
	{`(?>a|ab)c`, "abc", false, [][]int{}},
	{`(?>a|ab)c`, "ac", true, [][]int{{0, 2}}},
	{`"[^"]*+"`, "\"x\" \"y", false, [][]int{{0, 3}}},
	{`\d++(?!\.)`, "12.5 7", false, [][]int{{3, 4}, {5, 6}}},
	{`[a-z&&[^aeiou]]+`, "hello", false, [][]int{{0, 1}, {2, 4}}},
	{`[a-z&&[^aeiou]]+`, "aeiou", false, [][]int{}},
	{`[a-z&&[def]]`, "adg", false, [][]int{{1, 2}}},
	{`[^a-c&&[b-d]]`, "abcdex", false, [][]int{{0, 1}, {3, 4}, {4, 5}, {5, 6}}},
	{`[^a-c[m]]`, "abmx", false, [][]int{{3, 4}}},
	{`[a-d[m-p]]+`, "amdp-", false, [][]int{{0, 4}}},
	{`[^a-z&&b-d]`, "abz0", false, [][]int{{0, 1}, {2, 3}, {3, 4}}},
	{`[a-z&&]`, "a-", false, [][]int{{0, 1}}},
	{`[&&a]`, "a&", false, [][]int{{0, 1}}},
	{`[a-c&&b-d&&c]`, "abcd", false, [][]int{{2, 3}}},
	{`[a-c[x]&&[b-x]]`, "abx", false, [][]int{{1, 2}, {2, 3}}},
	{`[a&b]`, "&", true, [][]int{{0, 1}}},
	{`[]a]+`, "]a", true, [][]int{{0, 2}}},
	{`[^]a]`, "b]", false, [][]int{{0, 1}}},
	{`[a-]`, "-a", false, [][]int{{0, 1}, {1, 2}}},
	{`[-a]`, "-a", false, [][]int{{0, 1}, {1, 2}}},
	{`[a-[b]]`, "-b", false, [][]int{{0, 1}, {1, 2}}},
	{`[[:alpha:]]+`, "alpha:z", false, [][]int{{0, 6}}},
	{`[\w&&[^_]]+`, "a_1", false, [][]int{{0, 1}, {2, 3}}},
	{`[\W&&\S]`, "a !b", false, [][]int{{2, 3}}},
	{`[\D\s]+`, "1 a", false, [][]int{{1, 3}}},
	{`[^\W\d]+`, "a1 b", false, [][]int{{0, 1}, {3, 4}}},
	{`(?i)[^a]`, "AaB", false, [][]int{{2, 3}}},
	{`(?i)[a-z&&[^x]]+`, "aXb", false, [][]int{{0, 1}, {2, 3}}},
	{`(?<=[a-z&&[^x]])1`, "a1x1", false, [][]int{{1, 2}}},
	{`\p{Lower}+\p{Upper}`, "abC", true, [][]int{{0, 3}}},
	{`\p{Alpha}\p{Digit}\p{Alnum}\p{Punct}`, "a1b!", true, [][]int{{0, 4}}},
	{`[\p{Punct}&&[^_]]`, "_-", false, [][]int{{1, 2}}},
	{`\P{Alpha}`, "a1", false, [][]int{{1, 2}}},
	{`[\P{Alpha}x]+`, "x1a", false, [][]int{{0, 2}}},
	{`\p{Space}\p{Blank}\p{XDigit}\p{Cntrl}`, "\x0b\tf\x07", true, [][]int{{0, 4}}},
	{`\p{Graph}+\p{Print}`, "a b", false, [][]int{{0, 2}}},
	{`\p{ASCII}+`, "a\u00e9", false, [][]int{{0, 1}}},
	{`\p{L}+`, "\u00e9a1", false, [][]int{{0, 3}}},
	{`\pL\PL`, "a1", true, [][]int{{0, 2}}},
	{`\p{Lu}`, "\u00c9\u00e9", false, [][]int{{0, 2}}},
	{`\p{IsLatin}+`, "a\u00e9\u0394", false, [][]int{{0, 3}}},
	{`\p{script=Greek}`, "\u0394", true, [][]int{{0, 2}}},
	{`\p{IsAlphabetic}+`, "a\u00e9", true, [][]int{{0, 3}}},
	{`\p{javaLowerCase}`, "aA", false, [][]int{{0, 1}}},
	{`\p{L1}`, "\u00ff\u0100", false, [][]int{{0, 2}}},
	{`\p{gc=Nd}`, "5", true, [][]int{{0, 1}}},
	{`\d`, "5\u0665", false, [][]int{{0, 1}}},
	{`\w+`, "a\u00e9b", false, [][]int{{0, 1}, {3, 4}}},
	{`\s+`, " \t\n\x0b\x0c\r\u00a0", false, [][]int{{0, 6}}},
	{`\h+`, " \t\u00a0\u3000\n", false, [][]int{{0, 7}}},
	{`\H`, "\u00a0a", false, [][]int{{2, 3}}},
	{`\v+`, "\n\x0b\x0c\r\u0085\u2028\u2029 ", false, [][]int{{0, 12}}},
	{`\V+`, "a\u0085", false, [][]int{{0, 1}}},
	{`\R`, "a\r\nb\rc\u2028", false, [][]int{{1, 3}, {4, 5}, {6, 9}}},
	{`\R\R`, "\r\n", true, [][]int{{0, 2}}},
	{`.+`, "a\rb\u0085c\u2028d\ne", false, [][]int{{0, 1}, {2, 3}, {5, 6}, {9, 10}, {11, 12}}},
	{`(?s).+`, "a\nb", true, [][]int{{0, 3}}},
	{`(?d).+`, "a\rb\nc", false, [][]int{{0, 3}, {4, 5}}},
	{`(?s:.)(.)`, "\n\n", false, [][]int{}},
	{`\Q.*\E+`, "..**", false, [][]int{{1, 4}}},
	{`a\Q\E*`, "aa", true, [][]int{{0, 2}, {2, 2}}},
	{`\Qa(b`, "a(b", true, [][]int{{0, 3}}},
	{`[\Q-]\E]+`, "a-]", false, [][]int{{1, 3}}},
	{`\\Q`, "\\Q", true, [][]int{{0, 2}}},
	{`\x41\u0042\x{43}\0104\cE\t\e\a`, "ABCD\x05\t\x1b\x07", true, [][]int{{0, 8}}},
	{`\uD83D\uDE00`, "\U0001f600", true, [][]int{{0, 4}}},
	{`\x{1F600}+`, "\U0001f600\U0001f600", true, [][]int{{0, 8}}},
	{`[\uD83D\uDE00-\uD83D\uDE02]`, "\U0001f601", true, [][]int{{0, 4}}},
	{`\_\-\/\#`, "_-/#", true, [][]int{{0, 4}}},
	{`}]`, "}]", true, [][]int{{0, 2}}},
	{`\<b\>`, "<b>", true, [][]int{{0, 3}}},
	{`\'`, "'", true, [][]int{{0, 1}}},
	{`[\-\]\^\[]+`, "-]^[", true, [][]int{{0, 4}}},
	{"(?x) a b # c\n [c d]", "abc", true, [][]int{{0, 3}}},
	{"(?x) a b # c\n [c d]", "abd", true, [][]int{{0, 3}}},
	{"(?x) a b # c\n [c d]", "ab ", false, [][]int{}},
	{`(?x)a\ b`, "a b", true, [][]int{{0, 3}}},
	{`(?x)a +`, "aa", true, [][]int{{0, 2}}},
	{`a(?i)b|c`, "aB", true, [][]int{{0, 2}}},
	{`a(?i)b|c`, "C", true, [][]int{{0, 1}}},
	{`(?i:a)b`, "Ab", true, [][]int{{0, 2}}},
	{`(?i:a)b`, "AB", false, [][]int{}},
	{`(a(?i)b)c`, "aBc", true, [][]int{{0, 3, 0, 2}}},
	{`(a(?i)b)c`, "aBC", false, [][]int{}},
	{`(?i)a(?-i)b`, "Ab", true, [][]int{{0, 2}}},
	{`(?i)a(?-i)b`, "AB", false, [][]int{}},
	{`(?m)^b$`, "a\nb\nc", false, [][]int{{2, 3}}},
	{`(?-m)a`, "a", true, [][]int{{0, 1}}},
	{`(?im-s)A`, "a", true, [][]int{{0, 1}}},
	{"(?iu)\u00e9", "\u00c9", true, [][]int{{0, 2}}},
	{`(?)a`, "a", true, [][]int{{0, 1}}},
	{`\Aa`, "aa", false, [][]int{{0, 1}}},
	{`a\z`, "aa", false, [][]int{{1, 2}}},
	{`a\Z`, "a\n", false, [][]int{{0, 1}}},
	{`a\Z`, "a\r\n", false, [][]int{{0, 1}}},
	{`a\Z`, "a\n\n", false, [][]int{}},
	{`a\Z`, "a", true, [][]int{{0, 1}}},
	{`a\Z`, "ab", false, [][]int{}},
	{`\Ga`, "aab a", false, [][]int{{0, 1}, {1, 2}}},
	{`\bfoo\b`, "a foo!", false, [][]int{{2, 5}}},
	{`^*a`, "a", true, [][]int{{0, 1}}},
	{`(?=a)*a`, "a", true, [][]int{{0, 1}}},
	{`(?=a)`, "ba", false, [][]int{{1, 1}}},
	{"(?<=\u00e9)b", "\u00e9b", false, [][]int{{2, 3}}},
	{"(.)(?!\u00e9)", "a\u00e9\U0001f600", false, [][]int{{1, 3, 1, 3}, {3, 7, 3, 7}}},
	{"(?<=\U0001f600)(\u0394)", "x\U0001f600\u0394", false, [][]int{{5, 7, 5, 7}}},
	{``, "ab", false, [][]int{{0, 0}, {1, 1}, {2, 2}}},
	{`x*`, "axb", false, [][]int{{0, 0}, {1, 2}, {2, 2}, {3, 3}}},
	{`.*`, "abc", true, [][]int{{0, 3}, {3, 3}}},
	{`(?=b)`, "abb", false, [][]int{{1, 1}, {2, 2}}},
	{`b*(?!x)`, "abc", false, [][]int{{0, 0}, {1, 2}, {2, 2}, {3, 3}}},
	{`()`, "a", false, [][]int{{0, 0, 0, 0}, {1, 1, 1, 1}}},
	{`a||b`, "b", true, [][]int{{0, 0}, {1, 1}}},
	{`(a)|b`, "ab", false, [][]int{{0, 1, 0, 1}, {1, 2, -1, -1}}},
	{`(?:(a)|b)*+`, "ab", true, [][]int{{0, 2, 0, 1}, {2, 2, -1, -1}}},
	{`a{00}`, "a", false, [][]int{{0, 0}, {1, 1}}},
	{`a{02}`, "aa", true, [][]int{{0, 2}}},
	{`a{01,2}`, "aa", true, [][]int{{0, 2}}},
	{`a{2,}+`, "aaa", true, [][]int{{0, 3}}},
	{`(?x)a {2}`, "aa", true, [][]int{{0, 2}}},
	{`^`, "ab", false, [][]int{{0, 0}}},
	{`$`, "ab", false, [][]int{{2, 2}}},
	{`^|b`, "ab", false, [][]int{{0, 0}, {1, 2}}},
	{`\b`, "a b", false, [][]int{{0, 0}, {1, 1}, {2, 2}, {3, 3}}},
	{`(?m)^|a`, "a\na", false, [][]int{{0, 0}, {2, 2}}},
	{`(a?)b??`, "ab", true, [][]int{{0, 1, 0, 1}, {1, 1, 1, 1}, {2, 2, 2, 2}}},
}

func TestJava(t *testing.T) {
	for _, tc := range java {
		re, err := regex.Compile(tc.expression)
		if err != nil {
			t.Errorf("%s: %v", tc.expression, err)
			continue
		}
		found, err := re.FindAll(tc.text, -1, free)
		if err != nil {
			t.Errorf("%s on %q: %v", tc.expression, tc.text, err)
		}
		if diff := cmp.Diff(tc.found, append([][]int{}, found...)); diff != "" {
			t.Errorf("%s on %q (-want +got):\n%s", tc.expression, tc.text, diff)
		}
		if got := re.MatchString(tc.text); got != (len(tc.found) > 0) {
			t.Errorf("%s on %q: matches %t", tc.expression, tc.text, got)
		}
		if re, err = regex.CompileWhole(tc.expression); err != nil {
			t.Errorf("%s as a whole: %v", tc.expression, err)
		} else if got := re.MatchString(tc.text); got != tc.whole {
			t.Errorf("%s on the whole of %q: matches %t", tc.expression, tc.text, got)
		}
	}
}

// free lets a match cost what it likes.
func free(int) error { return nil }

// TestRefused has expressions that Java refuses as well.
func TestRefused(t *testing.T) {
	for _, expression := range []string{
		`(`,
		`a)`,
		`[a`,
		`[a-\d]`,
		`[z-a]`,
		`*a`,
		`a**`,
		`a|*`,
		`(*)`,
		`(?i`,
		`(?z)a`,
		`(?<1a>b)`,
		`(?<n>a)(?<n>b)`,
		`\k<z>(?<z>a)`,
		`\k`,
		`\y`,
		`\08`,
		`\x4`,
		`\u12`,
		`a{2,1}`,
		`a{1`,
		`a{1,2,3}`,
		`a{99999999999}`,
		`\p{Foo}`,
		`\p{Alpha`,
		`a\`,
		`\E`,
		`(?P<n>a)`,
		`(?(1)a|b)`,
		`(?'n'a)`,
		`[]`,
		`[^]`,
		`a+++`,
		`a{1,2`,
		`(?<n`,
		`\Q\E*`,
	} {
		for _, compile := range []func(string) (*regex.Regexp, error){regex.Compile, regex.CompileWhole} {
			if _, err := compile(expression); err == nil {
				t.Errorf("%s compiles", expression)
			}
		}
	}
}
