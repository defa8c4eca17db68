package runtimeapi

import "net/http"

// state is where the runtime stands; the names appear in AWS's error messages.
type state string

const (
	started       state = ""
	initFailed    state = "InitError"
	ready         state = "Ready"
	running       state = "Running"
	responding    state = "InvocationResponse"
	errorResponse state = "InvocationErrorResponse"
	responseSent  state = "RuntimeResponseSentState"
)

func (s state) String() string {
	if s == started {
		return "Started"
	}
	return string(s)
}

// may tells whether a runtime in state s may go on to the other. A runtime may poll again while it is polling: a client
// that lost its connection does.
func (s state) may(to state) bool {
	switch to {
	case ready:
		return s == started || s == ready || s == responseSent
	case initFailed:
		return s == started
	case responding, errorResponse:
		return s == running
	}
	return false
}

func refuseTransition(w http.ResponseWriter, from, to state) {
	refuse(w, http.StatusForbidden, "InvalidStateTransition",
		"State transition from "+from.String()+" to "+to.String()+" failed for runtime. Error: State transition is not allowed")
}
