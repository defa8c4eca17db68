// Package tags holds what the services of API Gateway share of tags: their limits, and
// how those of one resource are read and changed.
package tags
