package api

import (
	"encoding/binary"
	"hash/crc32"
)

// header is one header of a frame; all are strings here.
type header struct{ name, value string }

// Numbers of AWS's event stream encoding.
const (
	eventStream     = "application/vnd.amazon.eventstream"
	typeOfHeader    = 7 // string
	framePrelude    = 12
	frameTrailer    = 4
	headerOverheads = 1 + 1 + 2
)

// frame encodes one event: lengths and their checksum, headers, payload, and a checksum of it all.
func frame(event, contentType string, payload []byte) []byte {
	headers := [...]header{{":message-type", "event"}, {":event-type", event}, {":content-type", contentType}}
	size := 0
	for _, h := range headers {
		size += headerOverheads + len(h.name) + len(h.value)
	}
	total := framePrelude + size + len(payload) + frameTrailer
	b := make([]byte, 0, total)
	b = binary.BigEndian.AppendUint32(b, uint32(total))
	b = binary.BigEndian.AppendUint32(b, uint32(size))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	for _, h := range headers {
		b = append(append(b, byte(len(h.name))), h.name...)
		b = binary.BigEndian.AppendUint16(append(b, typeOfHeader), uint16(len(h.value)))
		b = append(b, h.value...)
	}
	b = append(b, payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func payloadChunk(data []byte) []byte { return frame("PayloadChunk", "application/octet-stream", data) }

func invokeComplete(json []byte) []byte { return frame("InvokeComplete", "application/json", json) }
