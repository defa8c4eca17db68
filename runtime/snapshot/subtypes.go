package snapshot

// ServiceSubtype is a call of an AWS service that an HTTP API makes by itself: the
// parameters that it takes, in AWS's order.
type ServiceSubtype struct {
	Required []string
	Optional []string
}

// ServiceSubtypes are the integration subtypes of HTTP APIs.
var ServiceSubtypes = map[string]ServiceSubtype{
	"EventBridge-PutEvents": {
		[]string{"Detail", "DetailType", "Source"},
		[]string{"Time", "EventBusName", "Resources", "Region", "TraceHeader"},
	},
	"SQS-SendMessage": {
		[]string{"QueueUrl", "MessageBody"},
		[]string{"DelaySeconds", "MessageAttributes", "MessageDeduplicationId", "MessageGroupId", "MessageSystemAttributes", "Region"},
	},
	"SQS-ReceiveMessage": {
		[]string{"QueueUrl"},
		[]string{"AttributeNames", "MaxNumberOfMessages", "MessageAttributeNames", "ReceiveRequestAttemptId", "VisibilityTimeout", "WaitTimeSeconds", "Region"},
	},
	"SQS-DeleteMessage": {[]string{"QueueUrl", "ReceiptHandle"}, []string{"Region"}},
	"SQS-PurgeQueue":    {[]string{"QueueUrl"}, []string{"Region"}},
	"AppConfig-GetConfiguration": {
		[]string{"Application", "Environment", "Configuration", "ClientId"},
		[]string{"ClientConfigurationVersion", "Region"},
	},
	"Kinesis-PutRecord": {
		[]string{"StreamName", "Data", "PartitionKey"},
		[]string{"SequenceNumberForOrdering", "ExplicitHashKey", "Region"},
	},
	"StepFunctions-StartExecution":     {[]string{"StateMachineArn"}, []string{"Name", "Input", "Region"}},
	"StepFunctions-StartSyncExecution": {[]string{"StateMachineArn"}, []string{"Name", "Input", "Region", "TraceHeader"}},
	"StepFunctions-StopExecution":      {[]string{"ExecutionArn"}, []string{"Cause", "Error", "Region"}},
}
