package integration

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestParseServiceTarget(t *testing.T) {
	const arn = "arn:aws:apigateway:eu-west-1:"
	for uri, want := range map[string]ServiceTarget{
		arn + "s3:path/bucket/key":                                  {"eu-west-1", "s3", "", "https://s3.eu-west-1.amazonaws.com/bucket/key"},
		arn + "bucket.s3:path/key":                                  {"eu-west-1", "s3", "", "https://bucket.s3.eu-west-1.amazonaws.com/key"},
		arn + "sqs:path/1/q?Action=X":                               {"eu-west-1", "sqs", "", "https://sqs.eu-west-1.amazonaws.com/1/q?Action=X"},
		arn + "dynamodb:action/Scan":                                {"eu-west-1", "dynamodb", "Scan", "https://dynamodb.eu-west-1.amazonaws.com/"},
		arn + "sns:action/Publish&TopicArn=a":                       {"eu-west-1", "sns", "Publish", "https://sns.eu-west-1.amazonaws.com/?Action=Publish&Version=2010-03-31&TopicArn=a"},
		arn + "sns:action/Publish&Version=1":                        {"eu-west-1", "sns", "Publish", "https://sns.eu-west-1.amazonaws.com/?Action=Publish&Version=1"},
		arn + "translate:action/TranslateText&a=b":                  {"eu-west-1", "translate", "TranslateText", "https://translate.eu-west-1.amazonaws.com/?Action=TranslateText&a=b"},
		"arn:aws-cn:apigateway:cn-north-1:logs:action/PutLogEvents": {"cn-north-1", "logs", "PutLogEvents", "https://logs.cn-north-1.amazonaws.com/"},
	} {
		if got, ok := ParseServiceTarget(uri); !ok || got != want {
			t.Errorf("%s: got %+v, %t", uri, got, ok)
		}
	}
	for _, uri := range []string{"", "https://example.com", arn + ":path/x", arn + "s3:other/x", arn + "sns:action/", "arn:aws:lambda:us-east-1:1:function:f"} {
		if got, ok := ParseServiceTarget(uri); ok {
			t.Errorf("%s: got %+v", uri, got)
		}
	}
}

func TestQueryAnswersAsJSON(t *testing.T) {
	for in, want := range map[string]string{
		`<R xmlns="u"><RResult><a>1</a><b><member>x</member><member>y</member></b></RResult></R>`: `{"R":{"RResult":{"a":"1","b":["x","y"]}}}`,
		`<R><RResult/></R>`: `{"R":{"RResult":{}}}`,
		`<R><RResult><e><k>1</k></e><e><k>2</k></e></RResult></R>`:                                            `{"R":{"RResult":{"e":[{"k":"1"},{"k":"2"}]}}}`,
		`<ErrorResponse><Error><Code>InvalidParameter</Code></Error><RequestId>1</RequestId></ErrorResponse>`: `{"Error":{"Code":"InvalidParameter"},"RequestId":"1"}`,
		`<L><ListQueuesResult><QueueUrl>u</QueueUrl></ListQueuesResult></L>`:                                  `{"L":{"ListQueuesResult":{"queueUrls":["u"]}}}`,
	} {
		if got, err := xmlToJSON([]byte(in)); string(got) != want || err != nil {
			t.Errorf("%s: got %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "{}", "<a>", strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)} {
		if got, err := xmlToJSON([]byte(in)); err == nil {
			t.Errorf("%.20s: got %s", in, got)
		}
	}
}

func FuzzQueryAnswers(f *testing.F) {
	f.Add([]byte(`<R xmlns="u"><RResult><a>1</a><b><member>x</member></b></RResult></R>`))
	f.Add([]byte(`<ErrorResponse><Error/><member/>t</ErrorResponse>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if out, err := xmlToJSON(body); err == nil && !json.Valid(out) {
			t.Errorf("%q became %q", body, out)
		}
	})
}

func FuzzServiceTarget(f *testing.F) {
	f.Add("arn:aws:apigateway:eu-west-1:bucket.s3:path/key?x=y")
	f.Add("arn:aws:apigateway:eu-west-1:sns:action/Publish&TopicArn=a")
	f.Fuzz(func(t *testing.T, uri string) {
		if target, ok := ParseServiceTarget(uri); ok && (target.Service == "" || target.Region == "") {
			t.Errorf("%q became %+v", uri, target)
		}
	})
}
