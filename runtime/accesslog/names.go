package accesslog

import (
	"strings"

	"github.com/postern/postern/runtime/snapshot"
)

// notOf lists the variables that one kind of API lacks, by name or, ending in a dot,
// by the start of their names. To that kind they are like any unknown name.
var notOf = map[snapshot.Kind][]string{
	snapshot.KindREST: {"routeKey", "dataProcessed", "awsEndpointRequestId2"},
	snapshot.KindHTTP: {
		"resourceId", "resourcePath", "deploymentId", "operationName", "isCanaryRequest", "xrayTraceId", "endpointType", "cipherSuite", "tlsVersion",
		"error.validationErrorString", "customDomain.routingRuleIdMatched", "identity.accessKey", "identity.apiKey", "identity.apiKeyId", "identity.vpcId", "identity.vpceId",
		"requestOverride.", "responseOverride.", "authenticate.", "authorize.", "integration.responseTransferMode", "integration.timeToAllHeaders", "integration.timeToFirstContent",
		"authorizer.integrationLatency", "authorizer.integrationStatus", "authorizer.requestId",
	},
}

func known(kind snapshot.Kind, name string) bool {
	for _, n := range notOf[kind] {
		if n == name || n[len(n)-1] == '.' && strings.HasPrefix(name, n) {
			return false
		}
	}
	return true
}
