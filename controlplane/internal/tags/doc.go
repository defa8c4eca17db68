// Package tags holds the limits of the tags of API Gateway's resources, which its
// services share.
package tags
