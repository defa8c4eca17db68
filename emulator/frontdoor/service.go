package frontdoor

import (
	"net/url"
	"strings"
)

// service is one row of the table of AWS services.
type service struct {
	name     string   // as the SDKs have it
	scope    string   // signing name, and the first label of its hosts
	target   string   // prefix of X-Amz-Target, name in an RPC path
	version  string   // of its query API
	protocol Protocol // where the request itself does not tell
}

// services are those that can be told without a signature, or whose name is
// not that of their scope. It is searched from the top: management calls are
// few, and a table in order costs nothing at start.
var services = [...]service{
	{name: "apigateway", scope: "apigateway", protocol: RESTJSON},
	{name: "lambda", scope: "lambda", protocol: RESTJSON},
	{name: "sts", scope: "sts", version: "2011-06-15", protocol: Query},
	{name: "iam", scope: "iam", version: "2010-05-08", protocol: Query},
	{name: "logs", scope: "logs", target: "Logs_20140328", protocol: JSON},
	{name: "cloudwatch", scope: "monitoring", target: "GraniteServiceVersion20100801", version: "2010-08-01", protocol: Query},
	{name: "cloudformation", scope: "cloudformation", version: "2010-05-15", protocol: Query},
	{name: "s3", scope: "s3", protocol: RESTXML},
	{name: "acm", scope: "acm", target: "CertificateManager", protocol: JSON},
	{name: "cognito-idp", scope: "cognito-idp", target: "AWSCognitoIdentityProviderService", protocol: JSON},
	{name: "cognito-identity", scope: "cognito-identity", target: "AWSCognitoIdentityService", protocol: JSON},
	{name: "dynamodb", scope: "dynamodb", target: "DynamoDB_20120810", protocol: JSON},
	{name: "dynamodbstreams", scope: "dynamodb", target: "DynamoDBStreams_20120810", protocol: JSON},
	{name: "ec2", scope: "ec2", version: "2016-11-15", protocol: EC2Query},
	{name: "ecr", scope: "ecr", target: "AmazonEC2ContainerRegistry_V20150921", protocol: JSON},
	{name: "elbv2", scope: "elasticloadbalancing", version: "2015-12-01", protocol: Query},
	{name: "events", scope: "events", target: "AWSEvents", protocol: JSON},
	{name: "firehose", scope: "firehose", target: "Firehose_20150804", protocol: JSON},
	{name: "kinesis", scope: "kinesis", target: "Kinesis_20131202", protocol: JSON},
	{name: "kms", scope: "kms", target: "TrentService", protocol: JSON},
	{name: "resourcegroupstaggingapi", scope: "tagging", target: "ResourceGroupsTaggingAPI_20170126", protocol: JSON},
	{name: "route53", scope: "route53", protocol: RESTXML},
	{name: "secretsmanager", scope: "secretsmanager", target: "secretsmanager", protocol: JSON},
	{name: "servicediscovery", scope: "servicediscovery", target: "Route53AutoNaming_v20170314", protocol: JSON},
	{name: "sns", scope: "sns", version: "2010-03-31", protocol: Query},
	{name: "sqs", scope: "sqs", target: "AmazonSQS", version: "2012-11-05", protocol: JSON},
	{name: "ssm", scope: "ssm", target: "AmazonSSM", protocol: JSON},
	{name: "stepfunctions", scope: "states", target: "AWSStepFunctions", protocol: JSON},
	{name: "wafv2", scope: "wafv2", target: "AWSWAF_20190729", protocol: JSON},
	{name: "xray", scope: "xray", protocol: RESTJSON},
}

func find(match func(*service) bool) *service {
	for i := range services {
		if match(&services[i]) {
			return &services[i]
		}
	}
	return nil
}

func byName(name string) *service   { return find(func(s *service) bool { return s.name == name }) }
func byScope(scope string) *service { return find(func(s *service) bool { return s.scope == scope }) }
func byTarget(name string) *service {
	return find(func(s *service) bool { return s.target != "" && s.target == name })
}
func byVersion(date string) *service {
	return find(func(s *service) bool { return s.version != "" && s.version == date })
}

// ServiceName gives the name that the SDKs have for what a user may call by
// the name in its hosts: "monitoring" is "cloudwatch". Others stay as they are.
func ServiceName(name string) string {
	if byName(name) != nil {
		return name
	}
	return nameOr(byScope(name), name)
}

// service finds the AWS service that a request is for, and for whom.
func (d *Door) service(t *Target, r Request) {
	signed, _ := r.credential()
	t.AccessKey = signed.accessKey
	t.Account = d.account(signed.accessKey)
	if t.Region = signed.region; t.Region == "" {
		t.Region = d.Region
	}
	prefix, operation := r.target()
	rpcName, rpcOperation := rpcPath(r.Path)
	if operation == "" {
		operation = rpcOperation
	}
	if operation == "" {
		operation = parameter(r.Query, "Action")
	}
	t.Operation = operation

	switch {
	case signed.service != "":
		t.Service = scopeService(signed.service, prefix, r.Path)
	case prefix != "":
		t.Service = nameOr(byTarget(prefix), prefix)
	case rpcName != "":
		t.Service = nameOr(byTarget(rpcName), rpcName)
	default:
		t.Service = d.unsigned(t, r)
	}
	if t.Service == "" {
		return
	}
	t.Kind = Service
	t.Protocol = protocol(t.Service, r)
}

// scopeService names the service behind a signature's scope; some scopes are
// shared.
func scopeService(scope, targetPrefix, path string) string {
	switch scope {
	case "apigateway":
		return gatewayService(path)
	case "execute-api":
		if strings.Contains(path, "/@connections/") {
			return "apigatewaymanagementapi"
		}
		return "" // a signed call to an API, but nothing says which
	case "dynamodb":
		return nameOr(byTarget(targetPrefix), scope)
	}
	return nameOr(byScope(scope), scope)
}

// gatewayService tells the two management APIs of API Gateway apart.
func gatewayService(path string) string {
	path = oneSlash(path)
	if path == "/v2" || strings.HasPrefix(path, "/v2/") {
		return "apigatewayv2"
	}
	if arn, err := url.PathUnescape(strings.TrimPrefix(path, "/tags/")); err == nil && arn != path {
		if strings.Contains(arn, "::/apis/") {
			return "apigatewayv2"
		}
	}
	return "apigateway"
}

// unsigned finds the service of a request without a signature.
func (d *Door) unsigned(t *Target, r Request) string {
	if s, ok := r.queryService(); ok {
		return s
	}
	if s, ok := d.serviceHost(t.Host); ok {
		if s == "apigateway" {
			return gatewayService(r.Path)
		}
		return s
	}
	return pathService(oneSlash(r.Path))
}

func nameOr(s *service, name string) string {
	if s == nil {
		return name
	}
	return s.name
}

// target splits X-Amz-Target into the service's prefix and the operation.
func (r *Request) target() (prefix, operation string) {
	target := r.Header.Get("X-Amz-Target")
	i := strings.LastIndexByte(target, '.')
	if i < 0 {
		return "", ""
	}
	return target[:i], target[i+1:]
}

// rpcPath reads the path of Smithy's RPC protocols:
// /service/{name}/operation/{operation}.
func rpcPath(path string) (name, operation string) {
	rest, ok := strings.CutPrefix(oneSlash(path), "/service/")
	if !ok {
		return "", ""
	}
	name, operation, ok = strings.Cut(rest, "/operation/")
	if !ok || name == "" || operation == "" || strings.Contains(name+operation, "/") {
		return "", ""
	}
	return name, operation
}

// queryService finds the service of a query-protocol call by the version that
// goes with its action. Only here, and last of all, the body is looked at.
func (r *Request) queryService() (name string, ok bool) {
	from := r.Query
	if parameter(from, "Action") == "" {
		if r.Method != "POST" || r.Form == nil || !r.isForm() {
			return "", false
		}
		if from = r.Form(); parameter(from, "Action") == "" {
			return "", false
		}
	}
	s := byVersion(parameter(from, "Version"))
	if s == nil {
		return "", false
	}
	return s.name, true
}
