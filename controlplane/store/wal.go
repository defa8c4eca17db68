package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// wal is the write-ahead log: what was committed since the last checkpoint. To
// append to it and sync is all that an acknowledgement waits for; a checkpoint then
// moves many appends into the database file at once.
//
// A record is one group of transactions:
//
//	magic "PWL1" | length uint32 | number uint64 | CRC-32C uint32 | payload
//
// Numbers ascend by one. Reading ends at the first thing that is not the next
// record: a torn last write, or what an earlier round left behind. A torn write is
// the last thing in the file, so a later record that is whole means damage.
type wal struct {
	f    *os.File
	size int64
	next uint64
}

const (
	walMagic  = "PWL1"
	walHeader = 4 + 4 + 8 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openWAL opens the log and gives the changes in it that are newer than number
// done, in order.
func openWAL(path string, done uint64) (*wal, []diskChange, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	content, err := os.ReadFile(path)
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	var changes []diskChange
	w := &wal{f: f}
	if err == nil {
		changes, w.next, err = readWAL(content, done)
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	w.size = int64(len(content))
	return w, changes, nil
}

// readWAL gives the changes newer than done and the number of the next record.
func readWAL(b []byte, done uint64) (changes []diskChange, next uint64, err error) {
	at := 0
	for {
		number, payload, ok := walRecord(b[at:])
		if !ok || next != 0 && number != next || next == 0 && number > done+1 {
			break
		}
		if number > done {
			if changes, err = decodeChanges(payload, changes); err != nil {
				return nil, 0, err
			}
		}
		next = number + 1
		at += walHeader + len(payload)
	}
	if later := walAfter(b[at:]); later >= max(next, done+1) {
		return nil, 0, fmt.Errorf("damaged at byte %d: changes after it cannot be read", at)
	}
	return changes, max(next, done+1), nil
}

// walRecord reads the record at the start of b.
func walRecord(b []byte) (number uint64, payload []byte, ok bool) {
	if len(b) < walHeader || string(b[:4]) != walMagic {
		return 0, nil, false
	}
	n := binary.LittleEndian.Uint32(b[4:])
	number = binary.LittleEndian.Uint64(b[8:])
	if uint64(n) > uint64(len(b)-walHeader) || number == 0 {
		return 0, nil, false
	}
	payload = b[walHeader : walHeader+int(n)]
	return number, payload, walSum(b[4:16], payload) == binary.LittleEndian.Uint32(b[16:])
}

// walAfter gives the number of the first whole record anywhere in b, or 0.
func walAfter(b []byte) uint64 {
	for {
		at := bytes.Index(b, []byte(walMagic))
		if at < 0 {
			return 0
		}
		b = b[at:]
		if number, _, ok := walRecord(b); ok {
			return number
		}
		b = b[len(walMagic):]
	}
}

func walSum(head, payload []byte) uint32 {
	return crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, payload)
}

// append writes one record and returns when it is durable.
func (w *wal) append(changes []diskChange) error {
	b := make([]byte, walHeader, 512)
	b = encodeChanges(b, changes)
	copy(b, walMagic)
	if uint64(len(b)-walHeader) > maxWALRecord {
		return fmt.Errorf("a transaction of %d bytes is too large", len(b))
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-walHeader))
	binary.LittleEndian.PutUint64(b[8:], w.next)
	binary.LittleEndian.PutUint32(b[16:], walSum(b[4:16], b[walHeader:]))
	if _, err := w.f.WriteAt(b, w.size); err != nil {
		return err
	}
	if err := datasync(w.f); err != nil {
		return err
	}
	w.size += int64(len(b))
	w.next++
	return nil
}

const maxWALRecord = 1 << 31

// reset empties the log after a checkpoint. Should a crash undo the truncation, the
// numbers tell that the records are old.
func (w *wal) reset() error {
	w.size = 0
	return w.f.Truncate(0)
}

// Changes are encoded as table, key, and value behind a 1, or a 0 for a deletion;
// texts behind their length.

func encodeChanges(b []byte, changes []diskChange) []byte {
	for _, c := range changes {
		b = appendBytes(b, []byte(c.table))
		b = appendBytes(b, c.key)
		if c.value == nil {
			b = append(b, 0)
			continue
		}
		b = appendBytes(append(b, 1), c.value)
	}
	return b
}

func appendBytes(b, s []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errWAL = errors.New("a record is not well-formed")

func decodeChanges(b []byte, to []diskChange) ([]diskChange, error) {
	for len(b) > 0 {
		var c diskChange
		var table []byte
		var ok bool
		if table, b, ok = cutBytes(b); !ok {
			return nil, errWAL
		}
		c.table = string(table)
		if c.key, b, ok = cutBytes(b); !ok || len(b) == 0 {
			return nil, errWAL
		}
		kept := b[0] == 1
		if b = b[1:]; kept {
			if c.value, b, ok = cutBytes(b); !ok {
				return nil, errWAL
			}
		}
		to = append(to, c)
	}
	return to, nil
}

func cutBytes(b []byte) (s, rest []byte, ok bool) {
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64(len(b)-used) {
		return nil, nil, false
	}
	end := used + int(n)
	return b[used:end:end], b[end:], true
}
