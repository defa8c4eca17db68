// Package domains finds the API and stage behind a custom domain name. Table holds
// every account's domains, compiled; Set replaces those of one account and region,
// and the next request sees the change.
//
// A domain leads by its routing rules, by its mappings, or by the rules first. Before
// that stand its guards: a client certificate that its truststore vouches for, and,
// for a private domain, a VPC endpoint that its policy lets in. A guard that cannot
// judge denies. What is answered in the end is the Gateway's.
package domains
