// Package runtime is the data plane: Gateway serves the execute-api traffic of every
// API from one table of compiled stages.
//
// The control plane registers an API and publishes snapshots of its stages. Publish
// compiles a snapshot through the API's type and then swaps the table, so a request,
// which loads the table once, sees the old stage or the new one and waits for
// neither. The API types (rest, httpapi, websocket) are handed in as APIType values
// and do not know each other; steps they share have packages of their own.
//
// What outlives a stage (throttle buckets, caches, connections) is no part of the
// table. Which API a request is for is decided before, by the front door.
package runtime
