package lambda_test

import (
	"strings"
	"testing"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/lambdatest"
)

func TestParseRef(t *testing.T) {
	const arn = "arn:aws:lambda:us-east-1:000000000000:function:fn"
	for _, tc := range []struct {
		name, qualifier string
		want            string // qualified ARN
		err             string // its beginning
	}{
		{"fn", "", arn, ""},
		{"fn:1", "", arn + ":1", ""},
		{"fn", "1", arn + ":1", ""},
		{"fn:live", "live", arn + ":live", ""},
		{"fn:$LATEST", "", arn + ":$LATEST", ""},
		{"function:fn", "", arn, ""},
		{"function:fn:1", "", arn + ":1", ""},
		{"000000000000:function:fn", "", arn, ""},
		{"000000000000:fn", "", arn, ""},
		{"000000000000:function:fn:1", "", arn + ":1", ""},
		{arn, "", arn, ""},
		{arn + ":1", "", arn + ":1", ""},
		{"us-east-1:000000000000:function:fn", "", arn, ""},
		{"111122223333:function:fn", "", "arn:aws:lambda:us-east-1:111122223333:function:fn", ""},
		{"function", "", strings.TrimSuffix(arn, "fn") + "function", ""},
		{"fn:1", "2", "", "InvalidParameterValueException: The derived qualifier from the function name does not match the specified qualifier."},
		{"arn:aws:lambda:eu-west-1:000000000000:function:fn", "", "", "ResourceNotFoundException: Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"},
		{"fn!", "", "", "ValidationException: 1 validation error detected: Value 'fn!' at 'functionName'"},
		{"function:fn:$LATEST:extra", "", "", "ValidationException"},
		{"*", "", "", "ValidationException"},
		{"", "", "", "ValidationException"},
	} {
		ref, err := lambda.ParseRef(lambdatest.Scope, tc.name, tc.qualifier)
		switch {
		case tc.err != "":
			if err == nil || !strings.HasPrefix(err.Error(), tc.err) {
				t.Errorf("%q, %q: got %v, want %s", tc.name, tc.qualifier, err, tc.err)
			}
		case err != nil:
			t.Errorf("%q, %q: %v", tc.name, tc.qualifier, err)
		case ref.QualifiedARN() != tc.want:
			t.Errorf("%q, %q: got %s, want %s", tc.name, tc.qualifier, ref.QualifiedARN(), tc.want)
		}
	}
}

func FuzzParseRef(f *testing.F) {
	for _, seed := range []string{"fn", "fn:1", "arn:aws:lambda:us-east-1:000000000000:function:fn:$LATEST", "000000000000:function:fn", "function:fn::", "a.b"} {
		f.Add(seed, "")
	}
	f.Add("fn:a", "b")
	f.Fuzz(func(t *testing.T, name, qualifier string) {
		ref, err := lambda.ParseRef(lambdatest.Scope, name, qualifier)
		if err != nil {
			return
		}
		if ref.Name == "" || strings.ContainsAny(ref.Name, ":/") {
			t.Errorf("%q has the name %q", name, ref.Name)
		}
		// The ARN names the same thing, whoever asks.
		if qualifier != "" {
			return
		}
		again, err := lambda.ParseRef(lambdatest.Scope, ref.QualifiedARN(), "")
		if err != nil || again != ref {
			t.Errorf("%q is %+v, its ARN %+v, %v", name, ref, again, err)
		}
	})
}

func TestRoleCredentials(t *testing.T) {
	for _, account := range []string{"000000000000", "000000000001", "123456789012", "999999999999"} {
		c := lambda.RoleCredentials(account, "arn:aws:iam::"+account+":role/r", "fn")
		if got, ok := lambda.AccountOfKey(c.AccessKeyID); !ok || got != account {
			t.Errorf("%s: key %s is of account %q, %v", account, c.AccessKeyID, got, ok)
		}
		if len(c.AccessKeyID) != 20 || len(c.SecretAccessKey) != 40 || c.SessionToken == "" {
			t.Errorf("malformed: %+v", c)
		}
	}
	for _, other := range []string{"", "AKIAIOSFODNN7EXAMPLE", "ASIA", "ASIAIOSFODNN7EXAMPLE!", "ASIA0000000000000000"} {
		if got, ok := lambda.AccountOfKey(other); ok {
			t.Errorf("%q is of account %s", other, got)
		}
	}
}
