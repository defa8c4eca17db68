// Package awsapi is the AWS protocol edge of the management APIs: it turns
// rest-json, query/XML, JSON 1.0/1.1 and smithy rpc-v2-cbor requests into typed
// operation inputs, checks the model's constraints with AWS's messages, calls the
// operation, and writes its output or error in the caller's protocol.
//
// A service is a generated Model (shapes and operation table) plus a map from
// operation name to Op(function); see NewMux. Operations without a function answer
// 501 in the service's own error shape, by name.
//
// Shared pieces for the services live here too: Error and its constructors, paging,
// tags, ARNs, random ids and the caller's Identity. What an operation does lives in the
// service.
package awsapi
