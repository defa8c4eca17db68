// Package patch applies API Gateway v1's PATCH operations to a record: a Table says
// which paths a resource accepts with which operations, and words the refusals as
// AWS does, which has two families of texts for it.
package patch
