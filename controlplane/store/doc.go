// Package store keeps every record of the management services: typed tables scoped
// by (account, region), in memory, changed only inside one kind of transaction.
// Services run their operations by Edit and Read, which hand on the answer of one.
//
// Records are immutable once put. A reader gets the stored pointer and must not
// change what it points to; a writer takes Table.Edit, which hands out a deep copy
// and stores it. List order is insertion order.
//
// With a data directory every committed transaction is appended to a write-ahead
// log and synced before Update returns; concurrent writers share one append and one
// sync. Checkpoints move the log's content into an embedded bbolt file. (bbolt by
// itself syncs twice and rewrites a path of pages for each commit, which is three
// times the cost of an append.) A write torn by a crash is not there after a
// restart; any other damage is an error of Open. Large byte strings (function code)
// live beside it as content-addressed files, see Blobs.
package store
