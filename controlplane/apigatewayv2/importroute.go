package apigatewayv2

import (
	"fmt"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/openapi"
)

// importSummary is the description of integrations that an import makes.
const importSummary = "AutoCreate from OpenAPI Import"

// importRoute makes a route and its integration, and gives the lines of what is wrong
// with them.
//
// unverified against AWS: the lines, which are those of REST APIs.
func (tx *txn) importRoute(a *API, path string, m *openapi.Method, authorizerIDs map[string]string) (failures []string) {
	key := m.RouteKey(path)
	r := &Route{
		ID: tx.newID(7), Key: key, OperationName: m.OperationName, AuthorizationType: m.AuthorizationType,
		AuthorizerID: authorizerIDs[m.Authorizer], Scopes: m.AuthorizationScopes,
	}
	if r.AuthorizationType == "" {
		r.AuthorizationType = noAuthorization
	}
	if m.Integration != nil {
		i := importedIntegration(m.Integration)
		i.ID = tx.newID(7)
		if err := tx.checkIntegration(i); err != nil {
			return []string{fmt.Sprintf(openapi.IntegrationFailed, m.HTTPMethod, path, awsapi.MessageOf(err))}
		}
		integrations.Put(tx.Tx, tx.scope, a.ID+"/"+i.ID, i)
		r.Target = targetPrefix + i.ID
	}
	if err := tx.checkRoute(a, r); err != nil {
		return []string{fmt.Sprintf(openapi.MethodFailed, m.HTTPMethod, path, awsapi.MessageOf(err))}
	}
	routes.Put(tx.Tx, tx.scope, a.ID+"/"+r.ID, r)
	return nil
}

func importedIntegration(from *openapi.Integration) *Integration {
	i := &Integration{
		Type: from.Type, Subtype: from.Subtype, URI: from.URI, Method: from.HTTPMethod, PayloadFormat: from.PayloadFormatVersion,
		TimeoutMillis: maxTimeout, CredentialsARN: from.Credentials, Description: importSummary,
		ConnectionType: from.ConnectionType, ConnectionID: from.ConnectionID, ServerName: from.ServerNameToVerify,
		RequestParameters: from.RequestParameters, ResponseParameters: from.ResponseParameters,
	}
	set(&i.TimeoutMillis, from.TimeoutMillis)
	if i.ConnectionType == "" {
		i.ConnectionType = internet
	}
	i.settle()
	return i
}

func importedAuthorizer(from *openapi.Authorizer) *Authorizer {
	a := &Authorizer{
		Name: from.Name, Type: from.Type, URI: from.URI, CredentialsARN: from.Credentials, PayloadFormat: from.PayloadFormatVersion,
		SimpleResponses: from.EnableSimpleResponses, IdentitySources: from.IdentitySources(), TTL: from.TTLSeconds,
	}
	if a.Type == jwtAuthorizer {
		a.TTL = nil
		a.JWT = &JWT{Audience: from.JWTAudience, Issuer: from.JWTIssuer}
	}
	return a
}
