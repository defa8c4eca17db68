package iam

import "testing"

func TestTrusts(t *testing.T) {
	const service = "apigateway.amazonaws.com"
	for _, tc := range []struct {
		name, statements string
		want             bool
	}{
		{"the service", `{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}`, true},
		{"one of several", `{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","apigateway.amazonaws.com"]},"Action":["sts:TagSession","sts:AssumeRole"]}`, true},
		{"anybody", `{"Effect":"Allow","Principal":"*","Action":"sts:*"}`, true},
		{"another", `{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`, false},
		{"another action", `{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:TagSession"}`, false},
		{
			"denied after all", `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"},
			{"Effect":"Deny","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}`, false,
		},
		{"no policy", ``, false},
	} {
		if got := trusts(`{"Version":"2012-10-17","Statement":[`+tc.statements+`]}`, service); got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, got, tc.want)
		}
	}
}
