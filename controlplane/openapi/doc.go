// Package openapi is the border between OpenAPI documents and API Gateway. It knows
// no records, no store and no HTTP.
//
// Parse reads a Swagger 2.0 or OpenAPI 3.0 document, JSON or YAML, with AWS's
// x-amazon-apigateway-* extensions, into a Document: the same content in API
// Gateway's own nouns. controlplane/apigateway (REST) and controlplane/apigatewayv2
// (HTTP) apply a Document to their records; what merge and overwrite mean is theirs.
// Export goes the other way, from a Document that they fill, with the members in
// AWS's order. ParseDocumentation reads documentation parts alone.
//
// Documents are read from a tree of ordered objects and not from a typed OpenAPI
// model: AWS's importer takes much that such a model refuses (a number as
// info.version, integers as status codes) and drops what it does not know.
package openapi
