package executor

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// platformLog writes Lambda's own log lines in the function's format.
type platformLog interface {
	initStart(at time.Time, phase string) []string
	// initEnd is the end of an init that took d.
	initEnd(at time.Time, phase string, d time.Duration, f failure) []string
	start(at time.Time, requestID string) []string
	// end is everything after the function's last line.
	end(at time.Time, r report) []string
}

// report is what Lambda says about a finished invocation.
type report struct {
	requestID    string
	duration     time.Duration
	initDuration time.Duration // zero but in the environment's first invocation
	memoryUsed   int64         // bytes
	produced     int64         // bytes of the response
	failure      failure       // why Lambda ended it
	errorType    string        // of an error that the function reported
}

// Init phases.
const (
	phaseInit   = "init"
	phaseInvoke = "invoke"
)

func platformLogOf(spec *Spec) platformLog {
	if spec.Logging.Format == LogJSON {
		return jsonLog{spec}
	}
	return textLog{spec}
}

// billed is the billed duration in milliseconds. AWS bills the init of on-demand functions since August 2025.
func (r report) billed() int64 {
	return int64(math.Ceil(float64(r.duration+r.initDuration) / float64(time.Millisecond)))
}

func (r report) memoryMB() int64 { return (r.memoryUsed + 1<<20 - 1) >> 20 }

// runtimeVersion is the name of the runtime's version, such as python:3.12.v1.
//
// unverified against AWS: the number after v, which counts AWS's own releases.
func (s *Spec) runtimeVersion() string {
	family, version, _ := strings.Cut(s.Runtime, ".")
	if !s.Provided() {
		family = strings.TrimRight(family, "0123456789")
		version = strings.TrimSuffix(strings.TrimPrefix(s.Runtime, family), ".x")
	}
	if version == "" {
		return family + ".v1"
	}
	return family + ":" + version + ".v1"
}

// textLog is the Text format.
type textLog struct{ spec *Spec }

func (l textLog) initStart(time.Time, string) []string {
	if l.spec.Runtime == "" {
		return nil // an image has no runtime version
	}
	return []string{"INIT_START Runtime Version: " + l.spec.runtimeVersion() +
		"\tRuntime Version ARN: " + l.spec.RuntimeVersionARN + "\n"}
}

func (l textLog) initEnd(_ time.Time, phase string, d time.Duration, f failure) []string {
	if f.none() {
		return nil
	}
	line := fmt.Sprintf("INIT_REPORT Init Duration: %s ms\tPhase: %s\tStatus: %s", millis(d), phase, f.status())
	if !f.timeout {
		line += "\tError Type: " + f.kind
	}
	return []string{line + "\n"}
}

func (l textLog) start(_ time.Time, requestID string) []string {
	return []string{"START RequestId: " + requestID + " Version: " + l.spec.Version + "\n"}
}

func (l textLog) end(at time.Time, r report) []string {
	var lines []string
	switch f := r.failure; {
	case f.timeout:
		lines = append(lines, timestamp(at)+" "+r.requestID+" "+f.message+"\n\n")
	case !f.none() && f.message != "":
		lines = append(lines, "RequestId: "+r.requestID+" Error: "+f.message+"\n"+f.kind+"\n")
	}
	return append(lines, "END RequestId: "+r.requestID+"\n", l.report(r))
}

func (l textLog) report(r report) string {
	b := make([]byte, 0, 256)
	b = append(b, "REPORT RequestId: "...)
	b = append(b, r.requestID...)
	b = append(b, "\tDuration: "...)
	b = appendMillis(b, r.duration)
	b = append(b, " ms\tBilled Duration: "...)
	b = strconv.AppendInt(b, r.billed(), 10)
	b = append(b, " ms\tMemory Size: "...)
	b = strconv.AppendInt(b, int64(l.spec.MemoryMB), 10)
	b = append(b, " MB\tMax Memory Used: "...)
	b = strconv.AppendInt(b, r.memoryMB(), 10)
	b = append(b, " MB\t"...)
	if r.initDuration > 0 {
		b = append(b, "Init Duration: "...)
		b = appendMillis(b, r.initDuration)
		b = append(b, " ms\t"...)
	}
	// unverified against AWS: that no tab follows a status.
	if !r.failure.none() {
		b = append(b, "Status: "...)
		b = append(b, r.failure.status()...)
		if !r.failure.timeout {
			b = append(b, "\tError Type: "...)
			b = append(b, r.failure.kind...)
		}
	}
	return string(append(b, '\n'))
}

func millis(d time.Duration) string { return string(appendMillis(nil, d)) }

func appendMillis(b []byte, d time.Duration) []byte {
	return strconv.AppendFloat(b, float64(d)/float64(time.Millisecond), 'f', 2, 64)
}

func timestamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
