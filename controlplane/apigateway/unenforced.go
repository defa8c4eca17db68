package apigateway

import (
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
)

// Unenforced lists the settings that are kept and shown but that the data plane
// does not act on, with the reason. Setting one is logged, and refused under
// strict. A guard is never here: one that cannot run denies.
var Unenforced = map[string]string{
	"RestApi.endpointConfiguration.ipAddressType": "the listener's address family is the emulator's",
	"RestApi.securityPolicy":                      "TLS versions are the listener's",
	"RestApi.endpointAccessMode":                  "there is one way in for every API",
	"Stage.tracingEnabled":                        "no traces are sent to X-Ray",
	"Stage.accessLogSettings.destinationArn":      "lines for Firehose are dropped: no upstream is configured for it",
}

// unenforced speaks up about settings of the table that a caller made.
func (tx *txn) unenforced(resource string, settings []string) error {
	for _, name := range settings {
		if tx.s.Strict {
			return awsapi.BadRequest("%s.%s is not emulated: %s", resource, name, Unenforced[resource+"."+name])
		}
		tx.s.Logger.WarnContext(tx.ctx, "setting is kept but not emulated", "setting", resource+"."+name, "reason", Unenforced[resource+"."+name])
	}
	return nil
}

type settingList []string

func (l *settingList) add(name string, set bool) {
	if set {
		*l = append(*l, name)
	}
}

func restAPIUnenforced(a *RestAPI) []string {
	var l settingList
	l.add("securityPolicy", a.SecurityPolicy != "")
	l.add("endpointAccessMode", a.EndpointAccessMode != "")
	return l
}

func (tx *txn) stageUnenforced(st *Stage) []string {
	var l settingList
	l.add("tracingEnabled", st.TracingEnabled)
	l.add("accessLogSettings.destinationArn", st.AccessLog != nil && strings.Contains(st.AccessLog.DestinationARN, ":firehose:") && !tx.s.Firehose)
	return l
}
