package executor

import (
	"math"
	"time"
)

// jsonLog is the JSON format: Lambda's lines are the events of the Telemetry API, filtered by the system log level.
type jsonLog struct{ spec *Spec }

const initializationType = "on-demand"

type initRecord struct {
	InitializationType string       `json:"initializationType"`
	Phase              string       `json:"phase"`
	RuntimeVersion     string       `json:"runtimeVersion,omitempty"`
	RuntimeVersionARN  string       `json:"runtimeVersionArn,omitempty"`
	FunctionName       string       `json:"functionName,omitempty"`
	FunctionVersion    string       `json:"functionVersion,omitempty"`
	Status             string       `json:"status,omitempty"`
	ErrorType          string       `json:"errorType,omitempty"`
	Metrics            *initMetrics `json:"metrics,omitempty"`
}

type initMetrics struct {
	DurationMs float64 `json:"durationMs"`
}

type startRecord struct {
	RequestID string `json:"requestId"`
	Version   string `json:"version"`
}

type doneRecord struct {
	RequestID string      `json:"requestId"`
	Status    string      `json:"status"`
	ErrorType string      `json:"errorType,omitempty"`
	Metrics   doneMetrics `json:"metrics"`
}

type doneMetrics struct {
	DurationMs    float64 `json:"durationMs"`
	ProducedBytes int64   `json:"producedBytes"`
}

type reportRecord struct {
	RequestID string        `json:"requestId"`
	Metrics   reportMetrics `json:"metrics"`
	Status    string        `json:"status"`
	ErrorType string        `json:"errorType,omitempty"`
}

type reportMetrics struct {
	DurationMs       float64 `json:"durationMs"`
	BilledDurationMs int64   `json:"billedDurationMs"`
	MemorySizeMB     int     `json:"memorySizeMB"`
	MaxMemoryUsedMB  int64   `json:"maxMemoryUsedMB"`
	InitDurationMs   float64 `json:"initDurationMs,omitempty"`
}

// Severities of system log lines.
const (
	levelDebug = iota
	levelInfo
	levelWarn
)

func (l jsonLog) line(severity int, at time.Time, kind string, record any) []string {
	threshold := levelInfo
	switch l.spec.Logging.SystemLevel {
	case "DEBUG":
		threshold = levelDebug
	case "WARN":
		threshold = levelWarn
	}
	if severity < threshold {
		return nil
	}
	return []string{string(mustJSON(struct {
		Time   string `json:"time"`
		Type   string `json:"type"`
		Record any    `json:"record"`
	}{timestamp(at), "platform." + kind, record})) + "\n"}
}

func (l jsonLog) initStart(at time.Time, phase string) []string {
	record := initRecord{
		InitializationType: initializationType, Phase: phase, FunctionName: l.spec.FunctionName, FunctionVersion: l.spec.Version,
	}
	severity := levelDebug
	if l.spec.Runtime != "" {
		severity = levelInfo
		record.RuntimeVersion, record.RuntimeVersionARN = l.spec.runtimeVersion(), l.spec.RuntimeVersionARN
	}
	return l.line(severity, at, "initStart", record)
}

func (l jsonLog) initEnd(at time.Time, phase string, d time.Duration, f failure) []string {
	severity := levelDebug
	if !f.none() {
		severity = levelWarn
	}
	record := initRecord{InitializationType: initializationType, Phase: phase, Status: f.status(), ErrorType: f.kind}
	lines := l.line(severity, at, "initRuntimeDone", record)
	record.Metrics = &initMetrics{ms(d)}
	return append(lines, l.line(severity, at, "initReport", record)...)
}

func (l jsonLog) start(at time.Time, requestID string) []string {
	return l.line(levelInfo, at, "start", startRecord{requestID, l.spec.Version})
}

func (l jsonLog) end(at time.Time, r report) []string {
	status, kind := r.failure.status(), r.failure.kind
	if r.failure.none() && r.errorType != "" {
		status, kind = "error", r.errorType
	}
	done, last := levelDebug, levelInfo
	if status != "success" {
		done, last = levelWarn, levelWarn
	}
	lines := l.line(done, at, "runtimeDone", doneRecord{
		RequestID: r.requestID, Status: status, ErrorType: kind, Metrics: doneMetrics{ms(r.duration), r.produced},
	})
	return append(lines, l.line(last, at, "report", reportRecord{
		RequestID: r.requestID, Status: status, ErrorType: kind,
		Metrics: reportMetrics{
			DurationMs: ms(r.duration), BilledDurationMs: r.billed(), MemorySizeMB: l.spec.MemoryMB,
			MaxMemoryUsedMB: r.memoryMB(), InitDurationMs: ms(r.initDuration),
		},
	})...)
}

// ms is a duration in milliseconds with three decimals, as in Lambda's records.
func ms(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}
