// Package limits words what API Gateway says where one more of something would be too
// many.
package limits
