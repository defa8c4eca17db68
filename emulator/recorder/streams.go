package recorder

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// shard is the one shard of every stream.
const shard = "shardId-000000000000"

// sequenceNumber grows with time, as Kinesis's do.
func (in *request) sequenceNumber() string {
	return fmt.Sprintf("4954%052d", in.serial(in.Time))
}

func (in *request) putRecord() reply {
	if bad := in.badRecord(in.json); bad != nil {
		return *bad
	}
	return in.ok(map[string]any{"SequenceNumber": in.sequenceNumber(), "ShardId": shard})
}

func (in *request) putRecords() reply {
	list, _ := in.json["Records"].([]any)
	records := make([]any, len(list))
	for i := range list {
		record, _ := list[i].(map[string]any)
		if bad := in.badRecord(record); bad != nil {
			return *bad
		}
		records[i] = map[string]string{"SequenceNumber": in.sequenceNumber(), "ShardId": shard}
	}
	return in.ok(map[string]any{"FailedRecordCount": 0, "Records": records})
}

// putDelivery is Firehose's PutRecord.
func (in *request) putDelivery() reply {
	return in.ok(map[string]any{"RecordId": strings.ReplaceAll(newID()+newID(), "-", ""), "Encrypted": false})
}

func (in *request) badRecord(record map[string]any) *reply {
	data, ok := record["Data"].(string)
	if !ok {
		return in.missing("data")
	}
	if _, err := base64.StdEncoding.DecodeString(data); err != nil {
		return in.refuse("SerializationException", "")
	}
	if key, _ := record["PartitionKey"].(string); key == "" {
		return in.missing("partitionKey")
	}
	return nil
}

func (in *request) missing(member string) *reply {
	return in.refuse("ValidationException", "1 validation error detected: Value null at '"+member+"' failed to satisfy constraint: Member must not be null")
}
