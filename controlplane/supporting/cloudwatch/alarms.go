package cloudwatch

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
	"github.com/postern/postern/controlplane/store"
)

// alarm is a metric alarm or a composite one: they share their names. Nothing here
// reads what an alarm says, so the record is the shape that was put, answered as it
// came.
type alarm struct {
	Metric    *wire.MetricAlarm    `json:",omitempty"`
	Composite *wire.CompositeAlarm `json:",omitempty"`
	Tags      map[string]string    `json:",omitempty"`
	History   []historyItem        `json:",omitempty"`
}

type historyItem struct {
	At      time.Time
	Type    string // ConfigurationUpdate, StateUpdate
	Summary string
	Data    string
}

var alarms = store.NewTable[alarm]("cloudwatch.alarm")

const (
	stateInsufficient = "INSUFFICIENT_DATA"
	maxHistory        = 100
)

// state is the part that both kinds of alarm have.
type state struct{ value, reason, reasonData *string }

func (a *alarm) state() state {
	if m := a.Metric; m != nil {
		return state{m.StateValue, m.StateReason, m.StateReasonData}
	}
	return state{a.Composite.StateValue, a.Composite.StateReason, a.Composite.StateReasonData}
}

func (a *alarm) setState(s state, now time.Time) {
	transitioned := awsapi.Val(s.value) != awsapi.Val(a.state().value)
	if a.Metric != nil {
		m := *a.Metric
		m.StateValue, m.StateReason, m.StateReasonData, m.StateUpdatedTimestamp = s.value, s.reason, s.reasonData, &now
		if transitioned {
			m.StateTransitionedTimestamp = &now
		}
		a.Metric = &m
		return
	}
	c := *a.Composite
	c.StateValue, c.StateReason, c.StateReasonData, c.StateUpdatedTimestamp = s.value, s.reason, s.reasonData, &now
	if transitioned {
		c.StateTransitionedTimestamp = &now
	}
	a.Composite = &c
}

func (a *alarm) name() string {
	if a.Metric != nil {
		return *a.Metric.AlarmName
	}
	return *a.Composite.AlarmName
}

// with gives the alarm with one more item of history; records are immutable.
func (a *alarm) with(item historyItem) *alarm {
	out := *a
	out.History = append(slices.Clone(a.History), item)
	if n := len(out.History); n > maxHistory {
		out.History = out.History[n-maxHistory:]
	}
	return &out
}

func alarmARN(scope store.Scope, name string) string {
	return "arn:" + awsapi.Partition(scope.Region) + ":cloudwatch:" + scope.Region + ":" + scope.Account + ":alarm:" + name
}

// putAlarm stores a new or changed alarm. build gets the alarm of that name, if any.
func (s *Service) putAlarm(ctx context.Context, name string, tags []wire.Tag, build func(have *alarm, initial state) *alarm) error {
	add, err := tagMap(tags)
	if err != nil {
		return err
	}
	scope, now := scopeOf(ctx), s.now()
	return s.db.Update(ctx, func(tx *store.Tx) error {
		have, exists := alarms.Get(tx, scope, name)
		initial := state{awsapi.Ptr(stateInsufficient), awsapi.Ptr("Unchecked: Initial alarm creation"), nil}
		a := build(have, initial)
		verb, kind := "created", "Create"
		if exists {
			// AWS: tags are taken at creation only.
			a.Tags, a.History = have.Tags, have.History
			verb, kind = "updated", "Update"
		} else {
			a.Tags = add
		}
		// unverified against AWS: the members of a configuration update's data.
		data := `{"version":"1.0","type":"` + kind + `"}`
		alarms.Put(tx, scope, name, a.with(historyItem{now, "ConfigurationUpdate", `Alarm "` + name + `" ` + verb, data}))
		return nil
	})
}

func (s *Service) setAlarmState(ctx context.Context, in *wire.SetAlarmStateInput) (*awsapi.Empty, error) {
	if in.StateReasonData != nil && !json.Valid([]byte(*in.StateReasonData)) {
		// unverified against AWS: the text.
		return nil, awsapi.Errorf("InvalidFormat", "StateReasonData is not valid JSON.")
	}
	scope, now := scopeOf(ctx), s.now()
	return nil, s.db.Update(ctx, func(tx *store.Tx) error {
		have, ok := alarms.Get(tx, scope, *in.AlarmName)
		if !ok {
			return awsapi.Errorf("ResourceNotFound", "") // AWS says no more
		}
		old := have.state()
		next := state{in.StateValue, in.StateReason, in.StateReasonData}
		a := have
		if *old.value != *next.value {
			data, err := json.Marshal(transition{"1.0", old.history(), next.history()})
			if err != nil {
				return err
			}
			a = have.with(historyItem{now, "StateUpdate", "Alarm updated from " + *old.value + " to " + *next.value, string(data)})
		}
		changed := *a
		changed.setState(next, now)
		alarms.Put(tx, scope, *in.AlarmName, &changed)
		return nil
	})
}

// transition is the data of a state update's history item.
type transition struct {
	Version  string       `json:"version"`
	OldState historyState `json:"oldState"`
	NewState historyState `json:"newState"`
}

type historyState struct {
	Value  *string         `json:"stateValue"`
	Reason *string         `json:"stateReason"`
	Data   json.RawMessage `json:"stateReasonData,omitempty"`
}

func (s state) history() historyState {
	return historyState{s.value, s.reason, json.RawMessage(awsapi.Val(s.reasonData))}
}

func (s *Service) deleteAlarms(ctx context.Context, in *wire.DeleteAlarmsInput) (*awsapi.Empty, error) {
	scope := scopeOf(ctx)
	return nil, s.db.Update(ctx, func(tx *store.Tx) error {
		for _, name := range in.AlarmNames {
			if _, ok := alarms.Get(tx, scope, name); ok {
				alarms.Delete(tx, scope, name)
			}
		}
		return nil
	})
}

func (s *Service) enableAlarmActions(ctx context.Context, in *wire.EnableAlarmActionsInput) (*awsapi.Empty, error) {
	return nil, s.setActions(ctx, in.AlarmNames, true)
}

func (s *Service) disableAlarmActions(ctx context.Context, in *wire.DisableAlarmActionsInput) (*awsapi.Empty, error) {
	return nil, s.setActions(ctx, in.AlarmNames, false)
}

// setActions skips names that are no alarm's, as AWS does.
func (s *Service) setActions(ctx context.Context, names []string, enabled bool) error {
	scope := scopeOf(ctx)
	return s.db.Update(ctx, func(tx *store.Tx) error {
		for _, name := range names {
			have, ok := alarms.Get(tx, scope, name)
			if !ok {
				continue
			}
			a := *have
			if a.Metric != nil {
				m := *a.Metric
				m.ActionsEnabled = &enabled
				a.Metric = &m
			} else {
				c := *a.Composite
				c.ActionsEnabled = &enabled
				a.Composite = &c
			}
			alarms.Put(tx, scope, name, &a)
		}
		return nil
	})
}
