package iam

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
)

// managedByAWS gives the policy of an ARN arn:aws:iam::aws:policy/…, or nil for
// other ARNs. Every name exists: deploy tools attach many, and refusing one that
// AWS has would break a stack that is right.
func managedByAWS(a awsapi.ARN) *policy {
	rest, ok := strings.CutPrefix(a.Resource, "policy/")
	if !ok || a.Account != "aws" || rest == "" || strings.HasSuffix(rest, "/") {
		return nil
	}
	cut := strings.LastIndexByte(rest, '/') + 1
	sum := sha256.Sum256([]byte(a.String()))
	return &policy{
		Name:     rest[cut:],
		Path:     "/" + rest[:cut],
		ID:       "ANPA" + base32.StdEncoding.EncodeToString(sum[:])[:17],
		ARN:      a.String(),
		Created:  managedSince,
		Updated:  managedSince,
		Default:  1,
		Versions: []policyVersion{{Number: 1, Document: managedDocument(rest), Created: managedSince}},
	}
}

// managedDocument gives the document of a policy that AWS manages, by its path and
// name. One that is not known here may allow everything.
func managedDocument(name string) string {
	if document, known := managedDocuments[name]; known {
		return document
	}
	return allowAll
}

var allowAll = allow(`"*"`)

// managedSince dates the policies that AWS manages: when it introduced the first.
var managedSince = time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC)

func knownManaged(region string) []*policy {
	var out []*policy
	for _, name := range slices.Sorted(maps.Keys(managedDocuments)) {
		out = append(out, managedByAWS(awsapi.ARN{Partition: awsapi.Partition(region), Service: "iam", Account: "aws", Resource: "policy/" + name}))
	}
	return out
}

const logsActions = `"logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"`

// managedDocuments say what the policies allow; statement ids and the order of
// actions are not AWS's.
var managedDocuments = map[string]string{
	"AdministratorAccess":                               allowAll,
	"AWSLambda_FullAccess":                              allow(`"lambda:*","cloudformation:DescribeStacks","cloudformation:ListStackResources","cloudwatch:GetMetricData","cloudwatch:ListMetrics","iam:GetPolicy","iam:GetPolicyVersion","iam:GetRole","iam:GetRolePolicy","iam:ListAttachedRolePolicies","iam:ListRolePolicies","iam:ListRoles","iam:PassRole","kms:ListAliases","logs:DescribeLogGroups","logs:DescribeLogStreams","logs:FilterLogEvents","logs:GetLogEvents","states:DescribeStateMachine","states:ListStateMachines","tag:GetResources","xray:BatchGetTraces","xray:GetTraceSummaries"`),
	"AWSXRayDaemonWriteAccess":                          allow(`"xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"`),
	"AmazonAPIGatewayAdministrator":                     allowOn(`"arn:aws:apigateway:*::/*"`, `"apigateway:*"`),
	"AmazonAPIGatewayInvokeFullAccess":                  allowOn(`"arn:aws:execute-api:*:*:*"`, `"execute-api:Invoke","execute-api:ManageConnections"`),
	"AmazonS3FullAccess":                                allow(`"s3:*","s3-object-lambda:*"`),
	"AmazonS3ReadOnlyAccess":                            allow(`"s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"`),
	"CloudWatchLogsFullAccess":                          allow(`"logs:*","cloudwatch:GenerateQuery"`),
	"service-role/AWSLambdaBasicExecutionRole":          allow(logsActions),
	"service-role/AWSLambdaDynamoDBExecutionRole":       allow(`"dynamodb:DescribeStream","dynamodb:GetRecords","dynamodb:GetShardIterator","dynamodb:ListStreams",` + logsActions),
	"service-role/AWSLambdaKinesisExecutionRole":        allow(`"kinesis:DescribeStream","kinesis:DescribeStreamSummary","kinesis:GetRecords","kinesis:GetShardIterator","kinesis:ListShards","kinesis:ListStreams","kinesis:SubscribeToShard",` + logsActions),
	"service-role/AWSLambdaRole":                        allow(`"lambda:InvokeFunction"`),
	"service-role/AWSLambdaSQSQueueExecutionRole":       allow(`"sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueAttributes",` + logsActions),
	"service-role/AWSLambdaVPCAccessExecutionRole":      allow(logsActions + `,"ec2:CreateNetworkInterface","ec2:DescribeNetworkInterfaces","ec2:DescribeSubnets","ec2:DeleteNetworkInterface","ec2:AssignPrivateIpAddresses","ec2:UnassignPrivateIpAddresses"`),
	"service-role/AmazonAPIGatewayPushToCloudWatchLogs": allow(`"logs:DescribeLogGroups","logs:DescribeLogStreams","logs:GetLogEvents","logs:FilterLogEvents",` + logsActions),
}

func allow(actions string) string { return allowOn(`"*"`, actions) }

func allowOn(resource, actions string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[%s],"Resource":%s}]}`, actions, resource)
}
