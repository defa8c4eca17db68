package rest

import (
	"github.com/postern/postern/runtime/mapping"
	"github.com/postern/postern/runtime/reqcontext"
)

// contextFacts are the members of $context in templates, as far as they are known.
func contextFacts(rc *reqcontext.Context) []mapping.Fact {
	facts := []mapping.Fact{
		{Name: "accountId", Value: rc.AccountID}, {Name: "apiId", Value: rc.APIID}, {Name: "deploymentId", Value: rc.DeploymentID},
		{Name: "domainName", Value: rc.DomainName}, {Name: "domainPrefix", Value: rc.DomainPrefix},
		{Name: "extendedRequestId", Value: rc.ExtendedRequestID}, {Name: "httpMethod", Value: rc.Method}, {Name: "path", Value: rc.Path},
		{Name: "protocol", Value: rc.Protocol}, {Name: "requestId", Value: rc.RequestID},
		{Name: "requestTime", Value: rc.Start.UTC().Format(reqcontext.CLFTime)}, {Name: "requestTimeEpoch", Value: rc.Start.UnixMilli()},
		{Name: "resourceId", Value: rc.ResourceID}, {Name: "resourcePath", Value: rc.ResourcePath}, {Name: "stage", Value: rc.Stage},
		{Name: "identity", Value: identityFacts(rc)},
	}
	if rc.OperationName != "" {
		facts = append(facts, mapping.Fact{Name: "operationName", Value: rc.OperationName})
	}
	if rc.HasCanary {
		facts = append(facts, mapping.Fact{Name: "isCanaryRequest", Value: rc.Canary})
	}
	if a := authorizerFacts(&rc.Authorizer); len(a) > 0 {
		facts = append(facts, mapping.Fact{Name: "authorizer", Value: a})
	}
	return facts
}

func identityFacts(rc *reqcontext.Context) []mapping.Fact {
	id := &rc.Identity
	var out []mapping.Fact
	for _, f := range []struct{ name, value string }{
		{"cognitoIdentityPoolId", id.CognitoIdentityPoolID}, {"accountId", id.AccountID}, {"cognitoIdentityId", id.CognitoIdentityID},
		{"caller", id.Caller}, {"sourceIp", rc.SourceIP}, {"principalOrgId", id.PrincipalOrgID}, {"accessKey", id.AccessKey},
		{"cognitoAuthenticationType", id.CognitoAuthenticationType}, {"cognitoAuthenticationProvider", id.CognitoAuthenticationProvider},
		{"userArn", id.UserARN}, {"userAgent", rc.UserAgent}, {"user", id.User}, {"apiKey", id.APIKey}, {"apiKeyId", id.APIKeyID},
		{"vpcId", id.VPCID}, {"vpceId", rc.VPCEndpointID},
	} {
		if f.value != "" {
			out = append(out, mapping.Fact{Name: f.name, Value: f.value})
		}
	}
	if c := rc.ClientCert; c != nil {
		out = append(out, mapping.Fact{Name: "clientCert", Value: []mapping.Fact{
			{Name: "clientCertPem", Value: c.PEM}, {Name: "subjectDN", Value: c.SubjectDN}, {Name: "issuerDN", Value: c.IssuerDN},
			{Name: "serialNumber", Value: c.SerialNumber},
			{Name: "validity", Value: []mapping.Fact{{Name: "notBefore", Value: c.NotBefore}, {Name: "notAfter", Value: c.NotAfter}}},
		}})
	}
	return out
}

// AWS: a Lambda authorizer's values are text in templates, whatever they were.
func authorizerFacts(a *reqcontext.Authorizer) []mapping.Fact {
	var out []mapping.Fact
	if a.PrincipalID != "" {
		out = append(out, mapping.Fact{Name: "principalId", Value: a.PrincipalID})
	}
	for _, name := range sortedKeys(a.Context) {
		if v := a.Context[name]; v != nil {
			out = append(out, mapping.Fact{Name: name, Value: reqcontext.Text(v)})
		}
	}
	if len(a.Claims) > 0 {
		claims := make([]mapping.Fact, 0, len(a.Claims))
		for _, name := range sortedKeys(a.Claims) {
			claims = append(claims, mapping.Fact{Name: name, Value: a.Claims[name]})
		}
		out = append(out, mapping.Fact{Name: "claims", Value: claims})
	}
	return out
}
