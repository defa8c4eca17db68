package lambda

import (
	"encoding/json"
	"testing"
)

func TestArnLike(t *testing.T) {
	const get = "arn:aws:execute-api:us-east-1:000000000000:abc123/prod/GET/items/{id}"
	for _, tc := range []struct {
		pattern, arn string
		want         bool
	}{
		{"arn:aws:execute-api:us-east-1:000000000000:abc123/*/GET/items/*", get, true},
		{"arn:aws:execute-api:us-east-1:000000000000:abc123/*/POST/items/*", get, false},
		{"arn:aws:execute-api:us-east-1:000000000000:abc123/*", get, true},
		{"arn:aws:execute-api:us-east-1:000000000000:abc123/*/*", get, true},
		{"arn:aws:execute-api:us-east-1:000000000000:abc123/*/*/items/{id}", get, true},
		{"arn:aws:execute-api:us-east-1:000000000000:abc123", get, false},
		{"arn:aws:execute-api:us-east-1:000000000000:abc12?/prod/*", get, true},
		{"arn:aws:execute-api:*:000000000000:abc123/*", get, true},
		{"arn:aws:execute-api:*:abc123/*", get, false}, // * does not go beyond a colon
		{"arn:*", get, false},
		{"*", get, true},
		{"arn:aws:execute-api:us-east-1:000000000000:abc123/*/$default", "arn:aws:execute-api:us-east-1:000000000000:abc123/$default/$default", true},
		{"arn:aws:execute-api:us-east-1:000000000000:abc123/authorizers/*", "arn:aws:execute-api:us-east-1:000000000000:abc123/authorizers/x1", true},
		{"arn:aws:lambda:us-east-1:000000000000:function:a*", "arn:aws:lambda:us-east-1:000000000000:function:ab:1", true}, // in the last part it does
	} {
		if got := arnLike(tc.pattern, tc.arn); got != tc.want {
			t.Errorf("arnLike(%q, %q) = %v", tc.pattern, tc.arn, got)
		}
	}
}

func TestPolicyAllows(t *testing.T) {
	gateway := Caller{
		Service: "apigateway.amazonaws.com", SourceAccount: "000000000000",
		SourceARN: "arn:aws:execute-api:us-east-1:000000000000:abc/prod/GET/items/{id}",
	}
	for _, tc := range []struct {
		name      string
		statement string
		caller    Caller
		want      bool
	}{
		{"service", `{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction"}`, gateway, true},
		{"other service", `{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"lambda:InvokeFunction"}`, gateway, false},
		{"other action", `{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:GetFunction"}`, gateway, false},
		{"any action", `{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:*"}`, gateway, true},
		{"list of actions", `{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":["lambda:GetFunction","lambda:Invoke*"]}`, gateway, true},
		{"deny", `{"Effect":"Deny","Principal":"*","Action":"*"}`, gateway, false},
		{"everybody", `{"Effect":"Allow","Principal":"*","Action":"*"}`, gateway, true},
		{"account", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"*"}`, Caller{Account: "111122223333"}, true},
		{"another account", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"*"}`, Caller{Account: "444455556666"}, false},
		{"account does not mean services", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"*"}`, gateway, false},
		{"role", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/r"},"Action":"*"}`, Caller{Account: "111122223333", Role: "arn:aws:iam::111122223333:role/r"}, true},
		{"another role", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/r"},"Action":"*"}`, Caller{Account: "111122223333", Role: "arn:aws:iam::111122223333:role/s"}, false},
		{"source", `{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:us-east-1:000000000000:abc/*/GET/*"}}}`, gateway, true},
		{"another source", `{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:us-east-1:000000000000:abc/*/POST/*"}}}`, gateway, false},
		{"ArnEquals is ArnLike", `{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:execute-api:us-east-1:000000000000:abc/*"}}}`, gateway, true},
		{"StringEquals knows no wildcard", `{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:execute-api:us-east-1:000000000000:abc/*"}}}`, gateway, false},
		{"StringLike", `{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringLike":{"aws:SourceArn":["x","arn:*abc/*"]}}}`, gateway, true},
		{"source account", `{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"AWS:SourceAccount":"000000000000"},"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:*:*:abc/*"}}}`, gateway, true},
		{"another source account", `{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:*:*:abc/*"}}}`, gateway, false},
		{"a condition on what the call lacks", `{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}}}`, gateway, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var st Statement
			if err := json.Unmarshal([]byte(tc.statement), &st); err != nil {
				t.Fatal(err)
			}
			p := &Policy{Statements: []Statement{st}}
			if got := p.allows(tc.caller, "lambda:InvokeFunction"); got != tc.want {
				t.Errorf("allows = %v, want %v", got, tc.want)
			}
		})
	}
	var none *Policy
	if none.allows(gateway, "lambda:InvokeFunction") {
		t.Error("no policy allows")
	}
}

// TestStatementText holds the statement to AWS's order of keys.
func TestStatementText(t *testing.T) {
	yes := true
	p := Permission{
		Sid: "s", Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com", SourceARN: "arn:aws:execute-api:us-east-1:000000000000:abc/*",
		SourceAccount: "000000000000", ViaFunctionURL: &yes,
	}
	st, err := p.statement("arn:aws:lambda:us-east-1:000000000000:function:f")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"Sid":"s","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction",` +
		`"Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Condition":{"StringEquals":{"AWS:SourceAccount":"000000000000"},` +
		`"Bool":{"lambda:InvokedViaFunctionUrl":"true"},"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:us-east-1:000000000000:abc/*"}}}`
	if got := compactJSON(st); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	st, err = (&Permission{Sid: "s", Action: "*", Principal: "111122223333"}).statement("r")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := compactJSON(st), `{"Sid":"s","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"*","Resource":"r"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add(`{"Sid":"s","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"r"}`, "arn:aws:execute-api:us-east-1:000000000000:abc/*")
	f.Add(`{"Effect":"Allow","Principal":"*","Action":["*"],"Condition":{"ArnLike":{"AWS:SourceArn":["a*b?c*","*"]}}}`, "arn:aws:x:::y")
	f.Add(`{"Principal":{"Federated":"x"}}`, "")
	f.Fuzz(func(t *testing.T, statement, source string) {
		var st Statement
		if json.Unmarshal([]byte(statement), &st) != nil {
			return
		}
		p := &Policy{Statements: []Statement{st}}
		caller := Caller{Service: "apigateway.amazonaws.com", SourceARN: source}
		allowed := p.allows(caller, "lambda:InvokeFunction")

		// What is stored says the same when it is read back.
		var again Policy
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatalf("%s does not read back: %v", text, err)
		}
		if again.allows(caller, "lambda:InvokeFunction") != allowed {
			t.Errorf("%s allows something else than %s", text, statement)
		}
		// Wildcards match themselves.
		if len(source) < 1000 && !wildcard(source, source) {
			t.Errorf("%q does not match itself", source)
		}
	})
}
