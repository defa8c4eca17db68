// Package apigateway manages REST APIs: the RestApi aggregate of Amazon API
// Gateway v1 and the operations that edit, deploy and publish it.
//
// Records are the draft that operations edit, in tables of the store: the API, its
// resources (each with its methods, integrations and responses), models, request
// validators, authorizers, gateway responses, documentation, deployments and
// stages. A deployment keeps the API frozen as it was (see freeze.go), so a change
// is served only after the next deployment; a stage's own settings apply at once.
// Whatever changes what a stage serves ends in DataPlane.Publish inside the same
// transaction: when publishing fails nothing has changed.
//
// There is one file per resource with its operations, and operations.go lists them.
// The engine under every PATCH is controlplane/internal/patch. API keys and usage plans
// live in controlplane/usage, custom domain names in controlplane/domains.
package apigateway
