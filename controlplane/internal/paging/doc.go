// Package paging cuts the lists of API Gateway to the page asked for: v1's by position
// and limit, v2's by nextToken and maxResults.
package paging
