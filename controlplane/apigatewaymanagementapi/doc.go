// Package apigatewaymanagementapi serves @connections: what a backend sends to, and asks
// of, the clients of a WebSocket API. There are no WebSocket APIs here, so every operation
// answers 501 by name.
package apigatewaymanagementapi
