package policy

import "testing"

// FuzzParse looks for documents that crash or hang, and for one that passes a caller
// although it has no statement that allows anything.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/${aws:username, 'x'}/*"}]}`,
		`{"Statement":{"Sid":"1","Effect":"Deny","NotAction":"s3:*","NotResource":["a","b?"],"Condition":{"ForAllValues:StringLikeIfExists":{"k":["a*",1,true]},"Null":{"x":"true"}}}}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["*","arn:aws:iam::1:role/p/r"]},"Action":"*","Resource":"execute-api:/*","Condition":{"IpAddress":{"aws:SourceIp":"::/0"},"ArnLike":{"k":"arn:aws:iam::${a}:user/*"},"DateLessThan":{"k":"2026"}}}]}`,
	} {
		f.Add(s, "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/pets/1", "value")
	}
	f.Fuzz(func(t *testing.T, document, resource, value string) {
		r := &Request{Resource: resource, Values: func(string) []string { return []string{value} }}
		for _, parse := range []func([]byte) (*Policy, error){
			Parse, func(b []byte) (*Policy, error) { return ParseResource(b, "arn:aws:execute-api:r:1:a") },
		} {
			p, err := parse([]byte(document))
			if err != nil {
				continue
			}
			allows := false
			for _, s := range p.statements {
				allows = allows || !s.deny
			}
			if p.Evaluate(r) == Allow && !allows {
				t.Errorf("%s allows", document)
			}
		}
	})
}
