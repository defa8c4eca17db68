// Package sigv4 verifies AWS Signature Version 4, of the Authorization header and of
// presigned URLs, as API Gateway does for AWS_IAM methods and as --verify-signatures
// does for management calls. Errors carry AWS's error type and text, the canonical
// request included, since developers compare it with their own.
//
// It follows the signing documentation in the IAM user guide and what the SDKs' signers
// were seen to send; where two signers differ (dot segments, a bare plus) both forms
// verify. Which keys exist, and what a caller may do, is decided elsewhere.
package sigv4
