package logs

import (
	"fmt"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// Times are in milliseconds since 1970, as everywhere in this API.

type group struct {
	Name      string
	Created   int64
	Retention int `json:",omitempty"` // days; 0: for ever
	Class     string
	KMSKey    string            `json:",omitempty"`
	Protected bool              `json:",omitempty"`
	Tags      map[string]string `json:",omitempty"`
}

// stream is a log stream. ID tells it from one of the same name before or after.
type stream struct {
	ID      string
	Name    string
	Created int64
}

// batch is the events that were put into a stream at once, numbered from First.
type batch struct {
	Stream   string // its ID
	First    uint64
	Ingested int64
	Events   []batchEvent
}

type batchEvent struct {
	Time    int64  `json:"t"`
	Message string `json:"m"`
}

var (
	groups  = store.NewTable[group]("logs.group")
	streams = store.NewTable[stream]("logs.stream")
	batches = store.NewTable[batch]("logs.batch")
)

// streamKey joins the two names: a group's has no colon.
func streamKey(group, stream string) string { return group + ":" + stream }

func batchKey(streamID string, first uint64) string { return fmt.Sprintf("%s:%016x", streamID, first) }

func (tx *txn) group(name string) (*group, error) {
	g, ok := groups.Get(tx.Tx, tx.scope, name)
	if !ok {
		return nil, notFound("log group")
	}
	return g, nil
}

func (tx *txn) editGroup(name string) (*group, error) {
	g, ok := groups.Edit(tx.Tx, tx.scope, name)
	if !ok {
		return nil, notFound("log group")
	}
	return g, nil
}

func (tx *txn) stream(group, name string) (*stream, error) {
	if _, err := tx.group(group); err != nil {
		return nil, err
	}
	st, ok := streams.Get(tx.Tx, tx.scope, streamKey(group, name))
	if !ok {
		return nil, notFound("log stream")
	}
	return st, nil
}

func (tx *txn) arn(name string) string {
	return "arn:" + awsapi.Partition(tx.scope.Region) + ":logs:" + tx.scope.Region + ":" + tx.scope.Account + ":log-group:" + name
}

// named gives the group that a request names, by name or by an identifier that is
// a name or an ARN.
func (tx *txn) named(name, identifier *string) (*group, error) {
	switch {
	case name != nil && identifier != nil:
		return nil, awsapi.Errorf("ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	case name != nil:
		return tx.group(*name)
	case identifier != nil:
		return tx.group(tx.nameOf(*identifier))
	}
	// unverified against AWS: the text when both are missing.
	return nil, awsapi.Errorf("ValidationException", "LogGroup name or LogGroup ARN is required.")
}

// nameOf gives the group name of an identifier. ARNs of tags calls may or may not
// end with ":*". An ARN of elsewhere stays as it is, which is no group's name.
func (tx *txn) nameOf(identifier string) string {
	name, ok := strings.CutPrefix(identifier, tx.arn(""))
	if !ok {
		return identifier
	}
	return strings.TrimSuffix(name, ":*")
}
