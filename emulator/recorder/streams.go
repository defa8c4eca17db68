package recorder

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// shard is the one shard of every stream.
const shard = "shardId-000000000000"

// sequenceNumber grows with time, as Kinesis's do.
func (in *request) sequenceNumber(n int) string {
	return fmt.Sprintf("4954%019d%033d", in.Time.UnixNano(), n)
}

func (in *request) putRecord() reply {
	if bad := in.badRecord(in.json); bad != nil {
		return *bad
	}
	return in.ok(map[string]any{"SequenceNumber": in.sequenceNumber(0), "ShardId": shard})
}

func (in *request) putRecords() reply {
	list, _ := in.json["Records"].([]any)
	records := make([]any, len(list))
	for i := range list {
		record, _ := list[i].(map[string]any)
		if bad := in.badRecord(record); bad != nil {
			return *bad
		}
		records[i] = map[string]string{"SequenceNumber": in.sequenceNumber(i), "ShardId": shard}
	}
	return in.ok(map[string]any{"FailedRecordCount": 0, "Records": records})
}

// putDelivery is Firehose's PutRecord.
func (in *request) putDelivery() reply {
	return in.ok(map[string]any{"RecordId": strings.ReplaceAll(newID()+newID(), "-", ""), "Encrypted": false})
}

func (in *request) badRecord(record map[string]any) *reply {
	data, _ := record["Data"].(string)
	if _, err := base64.StdEncoding.DecodeString(data); err != nil {
		out := in.fail(http.StatusBadRequest, "SerializationException", "")
		return &out
	}
	if key, _ := record["PartitionKey"].(string); key == "" {
		out := in.fail(http.StatusBadRequest, "ValidationException", "1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: Member must not be null")
		return &out
	}
	return nil
}
