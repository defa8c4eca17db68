package integration

import (
	"net/url"
	"strings"

	"github.com/postern/postern/internal/lazyregexp"
)

// ServiceTarget is what an integration's ARN says of an AWS service:
// arn:aws:apigateway:{region}:{subdomain.service|service}:{path|action}/{rest}.
type ServiceTarget struct {
	Region  string
	Service string // "dynamodb"
	Action  string // of the form action/{Action}
	// URL is the service's own address with path and query. It may have path
	// parameters in braces.
	URL string
}

var serviceARN = lazyregexp.New(`^arn:aws[a-z-]*:apigateway:([^:]+):([^:]+):(path|action)/(.*)$`)

// ParseServiceTarget reads an integration's ARN.
func ParseServiceTarget(uri string) (ServiceTarget, bool) {
	m := serviceARN().FindStringSubmatch(uri)
	if m == nil {
		return ServiceTarget{}, false
	}
	host, rest := m[2], m[4]
	t := ServiceTarget{Region: m[1], Service: host[strings.LastIndexByte(host, '.')+1:]}
	t.URL = "https://" + host + "." + t.Region + ".amazonaws.com/"
	if m[3] == "path" {
		t.URL += rest
		return t, t.Service != ""
	}
	var more string
	t.Action, more, _ = strings.Cut(rest, "&")
	if t.jsonPrefix() == "" {
		t.URL += "?Action=" + url.QueryEscape(t.Action)
		if v := queryVersions[t.Service]; v != "" && !strings.Contains("&"+more, "&Version=") {
			t.URL += "&Version=" + v
		}
		if more != "" {
			t.URL += "&" + more
		}
	} else if more != "" {
		t.URL += "?" + more
	}
	return t, t.Service != "" && t.Action != ""
}

// signingName is the service's name in signatures. AWS: SES alone has another one
// there than in its hosts.
func (t *ServiceTarget) signingName() string {
	if t.Service == "email" {
		return "ses"
	}
	return t.Service
}

// targets are the prefixes of X-Amz-Target of services that speak JSON. AWS: the
// gateway adds the header for these by itself; others, as EventBridge, need it mapped.
var targets = map[string]string{
	"dynamodb":       "DynamoDB_20120810",
	"kinesis":        "Kinesis_20131202",
	"firehose":       "Firehose_20150804",
	"states":         "AWSStepFunctions",
	"ssm":            "AmazonSSM",
	"secretsmanager": "secretsmanager",
	"kms":            "TrentService",
	"logs":           "Logs_20140328",
	"cognito-idp":    "AWSCognitoIdentityProviderService",
	"ecs":            "AmazonEC2ContainerServiceV20141113",
	"codebuild":      "CodeBuild_20161006",
}

// queryVersions are the API versions of services that speak the Query protocol.
var queryVersions = map[string]string{
	"sqs":                  "2012-11-05",
	"sns":                  "2010-03-31",
	"sts":                  "2011-06-15",
	"iam":                  "2010-05-08",
	"monitoring":           "2010-08-01",
	"email":                "2010-12-01",
	"ec2":                  "2016-11-15",
	"cloudformation":       "2010-05-15",
	"autoscaling":          "2011-01-01",
	"elasticloadbalancing": "2015-12-01",
	"rds":                  "2014-10-31",
}

func (t *ServiceTarget) jsonPrefix() string {
	if strings.HasPrefix(t.URL, "https://streams.dynamodb.") {
		return "DynamoDBStreams_20120810"
	}
	return targets[t.Service]
}

// complete adds what an action of a JSON service needs and no mapping gave.
//
// AWS: services take application/json for their own JSON. Emulators of them do not,
// so that they get to see the type that SDKs send.
func (t *ServiceTarget) complete(req *Request) {
	if prefix := t.jsonPrefix(); t.Action != "" && prefix != "" && req.Header.Get("X-Amz-Target") == "" {
		req.Header.Set("X-Amz-Target", prefix+"."+t.Action)
	}
	if req.Header.Get("X-Amz-Target") == "" || !strings.HasPrefix(req.Header.Get("Content-Type"), "application/json") {
		return
	}
	req.Header["Content-Type"] = []string{"application/x-amz-json-" + t.jsonVersion()}
}

// jsonVersion is the version of AWS's JSON protocol that the service speaks.
func (t *ServiceTarget) jsonVersion() string {
	switch t.Service {
	case "dynamodb", "states", "sqs":
		return "1.0"
	}
	return "1.1"
}
