package policy

import (
	"fmt"
	"strings"
	"testing"
)

const (
	api = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5"
	arn = api + "/prod/GET/pets/1"
)

// keys are a request's condition keys.
func keys(pairs ...string) func(string) []string {
	m := map[string][]string{}
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		m[name] = append(m[name], value)
	}
	return func(key string) []string { return m[key] }
}

func document(statements ...string) []byte {
	return []byte(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

func statementText(effect, rest string) string {
	return fmt.Sprintf(`{"Effect":%q,"Action":"execute-api:Invoke",%s}`, effect, rest)
}

func TestEvaluate(t *testing.T) {
	allow, deny := statementText("Allow", `"Resource":"*"`), statementText("Deny", `"Resource":"`+api+`/*/GET/pets/*"`)
	for _, tc := range []struct {
		name     string
		document []byte
		want     Outcome
	}{
		{"no statement", document(), Silent},
		{"allow", document(allow), Allow},
		{"a deny wins", document(allow, deny), Deny},
		{"a deny wins in any order", document(deny, allow), Deny},
		{"one statement without a list", []byte(`{"Version":"2012-10-17","Statement":` + allow + `}`), Allow},
		{"without a version", []byte(`{"Statement":` + allow + `}`), Allow},
		{"other action", document(`{"Effect":"Allow","Action":"execute-api:ManageConnections","Resource":"*"}`), Silent},
		{"actions without case and with wildcards", document(`{"Effect":"Allow","Action":["x","EXECUTE-api:inv*"],"Resource":"*"}`), Allow},
		{"every action", document(`{"Effect":"Allow","Action":"*","Resource":"*"}`), Allow},
		{"not action", document(`{"Effect":"Allow","NotAction":"execute-api:Invoke","Resource":"*"}`), Silent},
		{"not another action", document(`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`), Allow},
		{"exact resource", document(statementText("Allow", `"Resource":"`+arn+`"`)), Allow},
		{"resources have case", document(statementText("Allow", `"Resource":"`+strings.ToUpper(arn)+`"`)), Silent},
		{"question mark", document(statementText("Allow", `"Resource":"`+api+`/prod/GET/pets/?"`)), Allow},
		{"question mark needs a character", document(statementText("Allow", `"Resource":"`+arn+`?"`)), Silent},
		{"a wildcard reaches over slashes", document(statementText("Allow", `"Resource":"`+api+`/*/1"`)), Allow},
		{"several wildcards", document(statementText("Allow", `"Resource":"arn:*:execute-api:*:*:*/prod/*/pets/*"`)), Allow},
		{"other verb", document(statementText("Allow", `"Resource":"`+api+`/prod/POST/*"`)), Silent},
		{"one of several", document(statementText("Allow", `"Resource":["x","`+api+`/*"]`)), Allow},
		{"not resource", document(statementText("Allow", `"NotResource":"`+api+`/prod/GET/*"`)), Silent},
		{"not another resource", document(statementText("Allow", `"NotResource":"`+api+`/prod/POST/*"`)), Allow},
		{"variable", document(statementText("Allow", `"Resource":"`+api+`/prod/GET/${aws:username}/*"`)), Allow},
		{"variable without a value", document(statementText("Allow", `"Resource":"`+api+`/prod/GET/${aws:userid}/*"`)), Silent},
		{"variable with a fallback", document(statementText("Allow", `"Resource":"`+api+`/prod/GET/${aws:userid, 'pets'}/*"`)), Allow},
		{"wildcards in a variable's value are none", document(statementText("Allow", `"Resource":"`+api+`/prod/GET/${aws:star}/*"`)), Silent},
		{"an escaped wildcard", document(statementText("Allow", `"Resource":"`+api+`/prod/GET/${*}/1"`)), Silent},
		{"the old version has no variables", []byte(`{"Version":"2008-10-17","Statement":[` + statementText("Allow", `"Resource":"`+api+`/prod/GET/${aws:username}/*"`) + `]}`), Silent},
		{"statement members without case", []byte(`{"version":"2012-10-17","statement":[{"effect":"Allow","action":"*","resource":"*"}]}`), Allow},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := Parse(tc.document)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Evaluate(&Request{Resource: arn, Values: keys("aws:username=pets", "aws:star=*")}); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	now := []string{"aws:currenttime=2026-01-15T12:00:00Z", "aws:epochtime=1768478400"}
	for _, tc := range []struct {
		condition string
		keys      []string
		want      bool
	}{
		{`{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`, []string{"aws:sourcevpc=vpc-1"}, true},
		{`{"StringEquals":{"AWS:sourcevpc":["x","vpc-1"]}}`, []string{"aws:sourcevpc=vpc-1"}, true},
		{`{"StringEquals":{"aws:SourceVpc":"VPC-1"}}`, []string{"aws:sourcevpc=vpc-1"}, false},
		{`{"StringEquals":{"aws:SourceVpc":"vpc-*"}}`, []string{"aws:sourcevpc=vpc-1"}, false},
		{`{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`, nil, false},
		{`{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}`, nil, true},
		{`{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}`, []string{"aws:sourcevpc=vpc-2"}, false},
		{`{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}`, nil, true},
		{`{"StringNotEquals":{"aws:SourceVpc":["vpc-1","vpc-2"]}}`, []string{"aws:sourcevpc=vpc-2"}, false},
		{`{"StringNotEquals":{"aws:SourceVpc":["vpc-1","vpc-2"]}}`, []string{"aws:sourcevpc=vpc-3"}, true},
		{`{"StringEqualsIgnoreCase":{"aws:SourceVpc":"VPC-1"}}`, []string{"aws:sourcevpc=vpc-1"}, true},
		{`{"StringNotEqualsIgnoreCase":{"aws:SourceVpc":"VPC-1"}}`, []string{"aws:sourcevpc=vpc-1"}, false},
		{`{"StringLike":{"aws:UserAgent":"curl/*.?"}}`, []string{"aws:useragent=curl/7.8"}, true},
		{`{"StringNotLike":{"aws:UserAgent":"curl/*"}}`, []string{"aws:useragent=curl/7.8"}, false},
		{`{"StringEquals":{"aws:UserAgent":"${aws:username}"}}`, []string{"aws:useragent=me", "aws:username=me"}, true},
		{`{"NumericLessThan":{"n":"10"}}`, []string{"n=9.5"}, true},
		{`{"NumericLessThan":{"n":10}}`, []string{"n=10"}, false},
		{`{"NumericLessThanEquals":{"n":10}}`, []string{"n=10"}, true},
		{`{"NumericGreaterThan":{"n":10}}`, []string{"n=11"}, true},
		{`{"NumericGreaterThanEquals":{"n":10}}`, []string{"n=9"}, false},
		{`{"NumericEquals":{"n":10}}`, []string{"n=10.0"}, true},
		{`{"NumericNotEquals":{"n":10}}`, []string{"n=10.0"}, false},
		{`{"NumericEquals":{"n":10}}`, []string{"n=ten"}, false},
		{`{"DateGreaterThan":{"aws:CurrentTime":"2026-01-15T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2026-01-16"}}`, now, true},
		{`{"DateGreaterThan":{"aws:CurrentTime":"2026-01-15T12:00:00Z"}}`, now, false},
		{`{"DateGreaterThanEquals":{"aws:EpochTime":"1768478400"}}`, now, true},
		{`{"DateLessThanEquals":{"aws:EpochTime":"2026-01-15T12:00:00Z"}}`, now, true},
		{`{"DateEquals":{"aws:CurrentTime":"1768478400"}}`, now, true},
		{`{"DateNotEquals":{"aws:CurrentTime":"2025"}}`, now, true},
		{`{"Bool":{"aws:SecureTransport":"true"}}`, []string{"aws:securetransport=true"}, true},
		{`{"Bool":{"aws:SecureTransport":false}}`, []string{"aws:securetransport=true"}, false},
		{`{"BinaryEquals":{"k":"QUI="}}`, []string{"k=QUI="}, true},
		{`{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.1"]}}`, []string{"aws:sourceip=10.9.8.7"}, true},
		{`{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.1"]}}`, []string{"aws:sourceip=192.0.2.1"}, true},
		{`{"IpAddress":{"aws:SourceIp":"10.1.2.3/8"}}`, []string{"aws:sourceip=10.9.8.7"}, true},
		{`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, []string{"aws:sourceip=11.0.0.1"}, false},
		{`{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}`, []string{"aws:sourceip=2001:db8::1"}, true},
		{`{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}`, []string{"aws:sourceip=::ffff:127.0.0.1"}, true},
		{`{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, []string{"aws:sourceip=10.9.8.7"}, false},
		{`{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, nil, true},
		{`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app-*"}}`, []string{"aws:principalarn=arn:aws:iam::123456789012:role/app-1"}, true},
		{`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/*"}}`, []string{"aws:principalarn=arn:aws:iam::123456789012:role/a:b"}, true},
		{`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}}`, nil, false},
		{`{"ArnLike":{"aws:PrincipalArn":"arn:aws:*:x:y:role/app"}}`, []string{"aws:principalarn=arn:aws:iam::1:role/app"}, false},
		{`{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app-*"}}`, []string{"aws:principalarn=arn:aws:iam::1:user/x"}, true},
		{`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::1:user/${aws:username}"}}`, []string{"aws:principalarn=arn:aws:iam::1:user/x", "aws:username=x"}, true},
		{`{"Null":{"aws:SourceVpc":"true"}}`, nil, true},
		{`{"Null":{"aws:SourceVpc":true}}`, []string{"aws:sourcevpc=x"}, false},
		{`{"Null":{"aws:SourceVpc":"false"}}`, []string{"aws:sourcevpc=x"}, true},
		{`{"ForAnyValue:StringEquals":{"k":["a","b"]}}`, []string{"k=x", "k=b"}, true},
		{`{"ForAnyValue:StringEquals":{"k":["a","b"]}}`, []string{"k=x"}, false},
		{`{"ForAnyValue:StringEquals":{"k":"a"}}`, nil, false},
		{`{"ForAllValues:StringEquals":{"k":["a","b"]}}`, []string{"k=a", "k=b"}, true},
		{`{"ForAllValues:StringEquals":{"k":["a","b"]}}`, []string{"k=a", "k=c"}, false},
		{`{"ForAllValues:StringEquals":{"k":"a"}}`, nil, true},
		{`{"ForAllValues:StringNotEquals":{"k":["a"]}}`, []string{"k=b", "k=a"}, false},
		{`{"ForAnyValue:StringNotEquals":{"k":["a"]}}`, []string{"k=b", "k=a"}, true},
		{`{"ForAnyValue:StringLikeIfExists":{"k":"a*"}}`, nil, true},
		{`{"StringEquals":{"a":"1","b":"2"}}`, []string{"a=1"}, false},
		{`{"StringEquals":{"a":"1"},"Bool":{"b":"true"}}`, []string{"a=1", "b=true"}, true},
		{`{}`, nil, true},
	} {
		t.Run(tc.condition+strings.Join(tc.keys, ","), func(t *testing.T) {
			p, err := Parse(document(statementText("Allow", `"Resource":"*","Condition":`+tc.condition)))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Evaluate(&Request{Resource: arn, Values: keys(tc.keys...)}) == Allow; got != tc.want {
				t.Errorf("holds: %t, want %t", got, tc.want)
			}
		})
	}
}

func TestPrincipals(t *testing.T) {
	user := Caller{ARN: "arn:aws:iam::123456789012:user/me", AccountID: "123456789012"}
	session := Caller{ARN: "arn:aws:sts::123456789012:assumed-role/app/s1", AccountID: "123456789012"}
	for _, tc := range []struct {
		principal string
		caller    Caller
		want      bool
	}{
		{`"Principal":"*"`, Caller{}, true},
		{`"Principal":{"AWS":"*"}`, Caller{}, true},
		{`"Principal":{"AWS":["123456789012"]}`, Caller{}, false},
		{`"Principal":{"AWS":["123456789012"]}`, user, true},
		{`"Principal":{"AWS":"arn:aws:iam::123456789012:root"}`, session, true},
		{`"Principal":{"AWS":"arn:aws:iam::210987654321:root"}`, session, false},
		{`"Principal":{"AWS":"arn:aws:iam::123456789012:user/me"}`, user, true},
		{`"Principal":{"AWS":"arn:aws:iam::123456789012:user/you"}`, user, false},
		{`"Principal":{"AWS":"arn:aws:iam::123456789012:role/app"}`, session, true},
		{`"Principal":{"AWS":"arn:aws:iam::123456789012:role/team/app"}`, session, true},
		{`"Principal":{"AWS":"arn:aws:sts::123456789012:assumed-role/app/s1"}`, session, true},
		{`"Principal":{"AWS":"arn:aws:sts::123456789012:assumed-role/app/s2"}`, session, false},
		{`"Principal":{"Service":"lambda.amazonaws.com"}`, user, false},
		{`"NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/me"}`, user, false},
		{`"NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/you"}`, user, true},
	} {
		t.Run(tc.principal+" "+tc.caller.ARN, func(t *testing.T) {
			p, err := ParseResource(document(statementText("Allow", `"Resource":"execute-api:/prod/*",`+tc.principal)), api)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Evaluate(&Request{Resource: arn, Caller: tc.caller}) == Allow; got != tc.want {
				t.Errorf("applies: %t, want %t", got, tc.want)
			}
		})
	}
}

func TestMalformed(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":               ``,
		"no object":             `[]`,
		"null":                  `null`,
		"no statement":          `{"Version":"2012-10-17"}`,
		"null statement":        `{"Statement":null}`,
		"unknown version":       `{"Version":"2020-01-01","Statement":[]}`,
		"unknown member":        `{"Statement":[],"Sentence":[]}`,
		"trailing text":         `{"Statement":[]} x`,
		"no effect":             `{"Statement":{"Action":"*","Resource":"*"}}`,
		"effect in lower case":  `{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`,
		"no action":             `{"Statement":{"Effect":"Allow","Resource":"*"}}`,
		"both actions":          `{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}`,
		"no resource":           `{"Statement":{"Effect":"Allow","Action":"*"}}`,
		"empty resource":        `{"Statement":{"Effect":"Allow","Action":"*","Resource":[]}}`,
		"null action":           `{"Statement":{"Effect":"Allow","NotAction":null,"Resource":"*"}}`,
		"action of wrong type":  `{"Statement":{"Effect":"Allow","Action":1,"Resource":"*"}}`,
		"misspelled condition":  `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Conditions":{}}}`,
		"unknown operator":      `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringMatches":{"k":"v"}}}}`,
		"no address":            `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"k":"10.0.0.0/40"}}}}`,
		"no number":             `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericEquals":{"k":"x"}}}}`,
		"no date":               `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateEquals":{"k":"yesterday"}}}}`,
		"no truth":              `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"k":"maybe"}}}}`,
		"no ARN":                `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"k":"x"}}}}`,
		"null without truth":    `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"k":"x"}}}}`,
		"an object as a value":  `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"k":{}}}}}`,
		"open variable":         `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"${aws:username"}}`,
		"principal not allowed": `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}`,
		"too large":             `{"Statement":[` + strings.Repeat(" ", maxDocument) + `]}`,
	} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	for name, principal := range map[string]string{
		"none": ``, "both": `,"Principal":"*","NotPrincipal":"*"`, "a name": `,"Principal":"me"`, "nobody": `,"Principal":{}`,
		"unknown type": `,"Principal":{"Aws":"*"}`, "null": `,"Principal":null`,
	} {
		if _, err := ParseResource([]byte(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"`+principal+`}}`), api); err == nil {
			t.Errorf("resource policy with principal %s is accepted", name)
		}
	}
}

func TestEvaluateAll(t *testing.T) {
	policies := map[string]*Policy{}
	for _, effect := range []string{"Allow", "Deny"} {
		p, err := Parse(document(statementText(effect, `"Resource":"*"`)))
		if err != nil {
			t.Fatal(err)
		}
		policies[effect] = p
	}
	for _, tc := range []struct {
		list []*Policy
		want Outcome
	}{
		{nil, Silent}, {[]*Policy{nil}, Silent}, {[]*Policy{nil, policies["Allow"]}, Allow}, {[]*Policy{policies["Allow"], policies["Deny"]}, Deny},
	} {
		if got := EvaluateAll(tc.list, &Request{Resource: arn}); got != tc.want {
			t.Errorf("%v: got %v, want %v", tc.list, got, tc.want)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	p, err := Parse(document(
		statementText("Deny", `"Resource":"*/admin/*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`),
		statementText("Allow", `"Resource":"`+api+`/*/GET/*"`)))
	if err != nil {
		b.Fatal(err)
	}
	r := &Request{Resource: arn, Values: keys("aws:sourceip=10.0.0.1")}
	b.ReportAllocs()
	for b.Loop() {
		if p.Evaluate(r) != Allow {
			b.Fatal("refused")
		}
	}
}
