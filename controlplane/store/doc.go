// Package store keeps every record of the management services: typed tables scoped
// by (account, region), in memory, changed only inside one kind of transaction.
//
// Records are immutable once put. A reader gets the stored pointer and must not
// change what it points to; a writer takes Table.Edit, which hands out a deep copy
// and stores it. List order is insertion order.
//
// With a data directory every committed transaction is written to an embedded
// bbolt file and synced before Update returns; concurrent writers share one sync.
// bbolt's pages are copy-on-write, so a write torn by a crash is simply not there
// after a restart. Large byte strings (function code) live beside it as
// content-addressed files, see Blobs.
package store
