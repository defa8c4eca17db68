package frontdoor

import "strings"

// datedPaths are the API versions that begin the paths of some REST services.
var datedPaths = [...]struct{ date, service string }{
	{"2014-11-13", "lambda"},
	{"2015-03-31", "lambda"},
	{"2016-08-19", "lambda"},
	{"2017-03-31", "lambda"},
	{"2017-10-31", "lambda"},
	{"2018-10-31", "lambda"},
	{"2019-09-25", "lambda"},
	{"2019-09-30", "lambda"},
	{"2020-04-22", "lambda"},
	{"2020-06-30", "lambda"},
	{"2021-07-20", "lambda"},
	{"2021-10-31", "lambda"},
	{"2021-11-15", "lambda"},
	{"2024-08-31", "lambda"},
	{"2025-11-30", "lambda"},
	{"2025-12-01", "lambda"},
	{"2013-04-01", "route53"},
	{"2020-05-31", "cloudfront"},
}

// pathService names the service whose REST API a path belongs to, "" if none.
func pathService(path string) string {
	first, rest := cutSegment(strings.TrimPrefix(path, "/"))
	switch first {
	case "restapis", "apikeys", "usageplans", "domainnames", "domainnameaccessassociations",
		"rejectdomainnameaccessassociations", "vpclinks", "account", "clientcertificates", "sdktypes", "tags", "v2":
		return gatewayService(path)
	case "TraceSegments", "TraceSummaries", "Traces", "TraceGraph", "ServiceGraph", "TelemetryRecords",
		"SamplingTargets", "SamplingStatisticSummaries", "GetSamplingRules",
		"CreateSamplingRule", "UpdateSamplingRule", "DeleteSamplingRule",
		"Groups", "GetGroup", "CreateGroup", "UpdateGroup", "DeleteGroup",
		"EncryptionConfig", "PutEncryptionConfig":
		return "xray"
	}
	for _, d := range datedPaths {
		if first == d.date {
			return d.service
		}
	}
	if strings.HasPrefix(rest, "/.well-known/") && strings.Contains(first, "_") {
		return "cognito-idp" // /{region}_{pool}/.well-known/jwks.json
	}
	if strings.Contains(path, "/@connections/") {
		return "apigatewaymanagementapi"
	}
	return ""
}
