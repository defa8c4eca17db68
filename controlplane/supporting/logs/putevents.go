package logs

import (
	"context"
	"fmt"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/logs"
)

// AWS: limits of one PutLogEvents call.
const (
	maxPutBytes = 1 << 20
	maxPutSpan  = 24 * time.Hour
	maxAge      = 14 * 24 * time.Hour
	maxAhead    = 2 * time.Hour
)

// putLogEvents stores a batch. The sequence token is ignored, as AWS does since 2023.
func (s *Service) putLogEvents(ctx context.Context, in *wire.PutLogEventsInput) (*wire.PutLogEventsOutput, error) {
	if err := checkBatch(in.LogEvents); err != nil {
		return nil, err
	}
	out, err := edit(ctx, s, func(tx *txn) (*wire.PutLogEventsOutput, error) {
		st, err := tx.stream(*in.LogGroupName, *in.LogStreamName)
		if err != nil {
			return nil, err
		}
		g, err := tx.group(*in.LogGroupName)
		if err != nil {
			return nil, err
		}
		now := s.now()
		accepted, rejected := accept(in.LogEvents, now, time.Duration(g.Retention)*24*time.Hour)
		out := &wire.PutLogEventsOutput{RejectedLogEventsInfo: rejected, NextSequenceToken: awsapi.Ptr(sequenceToken(0))}
		if len(accepted) > 0 {
			last := tx.store(st, now.UnixMilli(), accepted)
			out.NextSequenceToken = awsapi.Ptr(sequenceToken(last))
		}
		return out, nil
	})
	s.queue.signal() // the writer removes what this pushed out
	return out, err
}

func checkBatch(events []wire.InputLogEvent) error {
	bytes := 0
	for i, e := range events {
		bytes += len(*e.Message) + eventOverhead
		if i > 0 && *e.Timestamp < *events[i-1].Timestamp {
			return invalidParameter("Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	if bytes > maxPutBytes {
		return invalidParameter(fmt.Sprintf("Upload too large: %d bytes exceeds limit of %d", bytes, maxPutBytes))
	}
	if *events[len(events)-1].Timestamp-*events[0].Timestamp > maxPutSpan.Milliseconds() {
		return invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// accept parts the events that AWS takes from those that are too old, expired by
// the group's retention, or too new, which it reports by index.
func accept(events []wire.InputLogEvent, now time.Time, retention time.Duration) (accepted []batchEvent, rejected *wire.RejectedLogEventsInfo) {
	tooOld, tooNew := now.Add(-maxAge).UnixMilli(), now.Add(maxAhead).UnixMilli()
	info := wire.RejectedLogEventsInfo{}
	for i, e := range events {
		t := *e.Timestamp
		switch {
		case retention > 0 && t < now.Add(-retention).UnixMilli():
			info.ExpiredLogEventEndIndex = awsapi.Ptr(i + 1)
		case t < tooOld:
			info.TooOldLogEventEndIndex = awsapi.Ptr(i + 1)
		case t > tooNew:
			if info.TooNewLogEventStartIndex == nil {
				info.TooNewLogEventStartIndex = awsapi.Ptr(i)
			}
		default:
			accepted = append(accepted, batchEvent{Time: t, Message: *e.Message})
		}
	}
	if info == (wire.RejectedLogEventsInfo{}) {
		return accepted, nil
	}
	return accepted, &info
}

func sequenceToken(n uint64) string { return fmt.Sprintf("49%054d", n) }
