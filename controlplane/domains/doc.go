// Package domains manages the custom domain names of Amazon API Gateway: what leads
// from a host name to APIs. There is one set of records (records.go) behind the
// operations of v1 and of v2, which show it in their own words: v1's base path
// mappings are v2's API mappings. The operations are served by the muxes of
// controlplane/apigateway and controlplane/apigatewayv2 (OperationsV1, OperationsV2).
//
// Domains apply without deploying: every change hands all of an account's domains of
// the region to the Table, by which the data plane routes. A truststore is read when
// a domain is told to use it, and kept with the domain.
package domains
