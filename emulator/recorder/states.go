package recorder

import (
	"encoding/json"
	"net/http"
	"strings"
)

// execution gives the ARN of an execution of the call's state machine, or refuses.
func (in *request) execution(kind, input string) (arn, name string, bad *reply) {
	machine := in.text("stateMachineArn")
	parts := strings.Split(machine, ":")
	if len(parts) < 7 || parts[2] != "states" || parts[5] != "stateMachine" {
		return "", "", in.refuse("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: "+machine+"'")
	}
	if !json.Valid([]byte(input)) {
		return "", "", in.refuse("InvalidExecutionInput", "Invalid State Machine Execution Input: '"+input+"'")
	}
	if name = in.text("name"); name == "" {
		name = newID()
	}
	if len(name) > 80 || strings.ContainsAny(name, " \t\r\n<>{}[]?*\"#%\\^|~`$&,;:/") {
		return "", "", in.refuse("InvalidName", "Invalid Name: '"+name+"'")
	}
	arn = strings.Join(append(parts[:5:5], kind, parts[6], name), ":")
	if kind == "express" {
		arn += ":" + newID()
	}
	return arn, name, nil
}

// input is what the execution gets; without any it is an empty object.
func (in *request) input() string {
	if input, ok := in.json["input"].(string); ok {
		return input
	}
	return "{}"
}

func (in *request) startExecution() reply {
	arn, _, bad := in.execution("execution", in.input())
	if bad != nil {
		return *bad
	}
	return in.ok(map[string]any{"executionArn": arn, "startDate": in.seconds()})
}

// startSyncExecution answers as a machine of one Pass state would: the input goes out.
func (in *request) startSyncExecution() reply {
	input := in.input()
	arn, name, bad := in.execution("express", input)
	if bad != nil {
		return *bad
	}
	out := map[string]any{
		"executionArn": arn, "stateMachineArn": in.text("stateMachineArn"), "name": name, "status": "SUCCEEDED",
		"startDate": in.seconds(), "stopDate": in.seconds(),
		"input": input, "inputDetails": map[string]bool{"included": true}, "output": input, "outputDetails": map[string]bool{"included": true},
		"billingDetails": map[string]int{"billedDurationInMilliseconds": 100, "billedMemoryUsedInMB": 64},
	}
	if trace := in.text("traceHeader"); trace != "" {
		out["traceHeader"] = trace
	}
	return in.ok(out)
}

func (in *request) stopExecution() reply {
	if arn := in.text("executionArn"); !strings.Contains(arn, ":states:") {
		return in.fail(http.StatusBadRequest, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: "+arn+"'")
	}
	return in.ok(map[string]any{"stopDate": in.seconds()})
}
