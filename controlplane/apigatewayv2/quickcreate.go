package apigatewayv2

import (
	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigatewayv2"
	"github.com/postern/postern/internal/lazyregexp"
)

var (
	lambdaTarget = lazyregexp.New(`^arn:[^:]+:(lambda:[^:]+:[^:]+:function:|apigateway:[^:]+:lambda:path/)`)
	urlTarget    = lazyregexp.New(`^https?://[^/]+`)
)

// quickCreate makes what CreateApi makes for a target: an integration, a route, a
// stage that deploys itself.
func (tx *txn) quickCreate(a *API, in *wire.CreateApiInput) error {
	i := &Integration{
		ID: tx.newID(7), CredentialsARN: awsapi.Val(in.CredentialsArn),
		TimeoutMillis: maxTimeout, ConnectionType: internet, Managed: true,
	}
	if err := i.setTarget(*in.Target); err != nil {
		return err
	}
	integrations.Put(tx.Tx, tx.scope, a.ID+"/"+i.ID, i)

	r := &Route{ID: tx.newID(7), Key: defaultKey, Target: targetPrefix + i.ID, AuthorizationType: noAuthorization, Managed: true}
	set(&r.Key, in.RouteKey)
	if err := tx.checkRoute(a, r); err != nil {
		return err
	}
	routes.Put(tx.Tx, tx.scope, a.ID+"/"+r.ID, r)

	st := tx.newStage(defaultKey)
	st.AutoDeploy, st.Managed = true, true
	stages.Put(tx.Tx, tx.scope, a.ID+"/"+st.Name, st)
	return tx.autoDeploy(a)
}

// setTarget points an integration to a Lambda function or a URL; with a target of
// the other kind the integration's type changes.
func (i *Integration) setTarget(target string) error {
	switch {
	case lambdaTarget().MatchString(target):
		i.Type, i.Method, i.PayloadFormat = awsProxy, "POST", "2.0"
	case urlTarget().MatchString(target):
		i.Type, i.Method, i.PayloadFormat = httpProxy, "ANY", payloadFormat
	default:
		// unverified against AWS: the text.
		return awsapi.BadRequest("Invalid target specified. Target must be a Lambda function ARN or a fully qualified URL")
	}
	i.URI = target
	return nil
}

// quickUpdate changes what quick create made.
func (tx *txn) quickUpdate(a *API, in *wire.UpdateApiInput) error {
	var integration *Integration
	for _, i := range integrations.List(tx.Tx, tx.scope, a.ID+"/") {
		if i.Managed {
			integration, _ = integrations.Edit(tx.Tx, tx.scope, a.ID+"/"+i.ID)
		}
	}
	var route *Route
	for _, r := range routes.List(tx.Tx, tx.scope, a.ID+"/") {
		if r.Managed {
			route, _ = routes.Edit(tx.Tx, tx.scope, a.ID+"/"+r.ID)
		}
	}
	if integration == nil || in.RouteKey != nil && route == nil {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Target, RouteKey and CredentialsArn can only be updated for an API that was created with a target")
	}
	if in.Target != nil {
		if err := integration.setTarget(*in.Target); err != nil {
			return err
		}
	}
	set(&integration.CredentialsARN, in.CredentialsArn)
	if in.RouteKey == nil || *in.RouteKey == route.Key {
		return nil
	}
	if route.Key == defaultKey {
		// unverified against AWS: the text.
		return awsapi.BadRequest("The route key %s of a route managed by API Gateway cannot be changed", route.Key)
	}
	route.Key = *in.RouteKey
	return tx.checkRoute(a, route)
}
