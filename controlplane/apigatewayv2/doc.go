// Package apigatewayv2 is the management API of HTTP APIs: APIs, routes,
// integrations, authorizers, deployments, stages, VPC links and their tags, and the
// import and export of OpenAPI documents. What only WebSocket APIs have is refused
// with AWS's texts (websocketonly.go).
//
// Service holds the operations (operations.go lists them); each resource has a file
// with its record, its operations and its wire form. What an API's users see is a
// deployment: freeze.go freezes the records, publish.go joins a frozen deployment
// with its stage's settings and hands the snapshot to the DataPlane. Changes reach
// an auto-deploy stage before the call that made them returns. Whether a parameter
// mapping can be read at all is asked of the data plane (Config.CheckMapping) when it
// is configured, not when the first request fails.
//
// Settings that are kept but not acted on stand in unenforced.go. The requests
// themselves are served by runtime/httpapi.
package apigatewayv2
