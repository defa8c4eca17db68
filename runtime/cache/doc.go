// Package cache keeps the answers of REST APIs whose stages have a cache cluster.
//
// Clusters has a Cluster for every stage that has one, bounded by the size that the
// stage asks for. It stands beside the compiled stages and outlives them: publishing
// a stage anew keeps what it cached. A stage that gives up its cluster, or asks for
// another size, loses what was in it.
//
// What is cached is in memory and nowhere else. What the key of an answer is, which
// answers are kept, and who may have them replaced is decided in runtime/rest.
package cache
