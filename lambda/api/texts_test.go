package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/lambdatest"
)

const readPattern = `(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`

// TestTexts asks one server, which has the function "fn" with version 1 and alias "live", for AWS's exact error answers.
func TestTexts(t *testing.T) {
	s := newServer(t, lambda.Config{})
	s.create(t, "fn", "index.handler")
	c, ctx := s.client(), t.Context()
	if _, err := c.PublishVersion(ctx, &awslambda.PublishVersionInput{FunctionName: aws.String("fn")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateAlias(ctx, &awslambda.CreateAliasInput{FunctionName: aws.String("fn"), Name: aws.String("live"), FunctionVersion: aws.String("1")}); err != nil {
		t.Fatal(err)
	}
	const functions = "/2015-03-31/functions"
	long := strings.Repeat("x", 65)
	create := func(members string) string {
		return `{"FunctionName":"new","Role":"` + role + `","Handler":"index.handler","Runtime":"python3.12","Code":` + codeJSON(t, "x") + members + `}`
	}
	bigEnv := fmt.Sprintf(`{"BIG":"%s"}`, strings.Repeat("v", 4096))

	for _, tc := range []struct {
		name, line, body string
		status           int
		code, want       string
	}{
		{
			"qualifier clash", "GET " + functions + "/fn%3A1?Qualifier=2", "", 400, "InvalidParameterValueException",
			`{"Type":"User","message":"The derived qualifier from the function name does not match the specified qualifier."}`,
		},
		{
			"wrong region", "GET " + functions + "/arn%3Aaws%3Alambda%3Aap-southeast-1%3A000000000000%3Afunction%3Af", "", 404, "ResourceNotFoundException",
			`{"Message":"Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')","Type":"User"}`,
		},
		{"other account", "GET " + functions + "/111122223333:function:fn", "", 403, "AccessDeniedException",
			`{"Message":"User: arn:aws:iam::000000000000:root is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:us-east-1:111122223333:function:fn because no resource-based policy allows the lambda:GetFunction action"}`},
		{"bad name", "GET " + functions + "/my-function!", "", 400, "ValidationException",
			`{"message":"1 validation error detected: Value 'my-function!' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ` + readPattern + `"}`},
		{"two qualifiers", "GET " + functions + "/function:fn:$LATEST:extra", "", 400, "ValidationException",
			`{"message":"1 validation error detected: Value 'function:fn:$LATEST:extra' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ` + readPattern + `"}`},
		{"missing", "GET " + functions + "/none", "", 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `none","Type":"User"}`},
		{"missing, trailing slash", "GET " + functions + "/none/", "", 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `none","Type":"User"}`},
		{"long bare name", "GET " + functions + "/" + long, "", 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + long + `","Type":"User"}`},
		{"the word function", "GET " + functions + "/function", "", 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `function","Type":"User"}`},
		{"missing version", "GET " + functions + "/fn?Qualifier=9", "", 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `fn:9","Type":"User"}`},
		{"lower case latest", "GET " + functions + "/fn?Qualifier=$latest", "", 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `fn:$latest","Type":"User"}`},
		{"long qualifier", "GET " + functions + "/fn?Qualifier=" + strings.Repeat("q", 129), "", 400, "ValidationException",
			`{"message":"1 validation error detected: Value '` + strings.Repeat("q", 129) + `' at 'qualifier' failed to satisfy constraint: Member must have length less than or equal to 128"}`},
		{"delete alias by qualifier", "DELETE " + functions + "/fn?Qualifier=live", "", 400, "InvalidParameterValueException", `{"Type":"User","message":"Deletion of aliases is not currently supported."}`},
		{"delete $LATEST", "DELETE " + functions + "/fn?Qualifier=$LATEST", "", 400, "InvalidParameterValueException", `{"Type":"User","message":"$LATEST version cannot be deleted without deleting the function."}`},
		{"delete version of none", "DELETE " + functions + "/none?Qualifier=77", "", 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `none","Type":"User"}`},
		{"delete missing version", "DELETE " + functions + "/fn?Qualifier=77", "", 204, "", ""},
		{"invoke missing", "POST " + functions + "/none/invocations", "{}", 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `none:$LATEST","Type":"User"}`},
		{"list versions filter", "GET " + functions + "?FunctionVersion=invalid", "", 400, "ValidationException",
			`{"message":"1 validation error detected: Value 'invalid' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]"}`},

		{"exists", "POST " + functions, strings.Replace(create(""), `"new"`, `"fn"`, 1), 409, "ResourceConflictException", `{"Type":"User","message":"Function already exist: fn"}`},
		{"create, 65 characters", "POST " + functions, strings.Replace(create(""), `"new"`, `"`+long+`"`, 1), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"1 validation error detected: Value '` + long + `' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64"}`},
		{"create, 141 characters", "POST " + functions, strings.Replace(create(""), `"new"`, `"`+strings.Repeat("y", 141)+`"`, 1), 400, "ValidationException",
			`{"message":"1 validation error detected: Value '` + strings.Repeat("y", 141) + `' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 140"}`},
		{"bad role", "POST " + functions, strings.Replace(create(""), role, "r1", 1), 400, "ValidationException",
			`{"message":"1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"}`},
		{"unknown runtime", "POST " + functions, strings.Replace(create(""), "python3.12", "cobol", 1), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2] or be a valid ARN"}`},
		{"retired runtime", "POST " + functions, strings.Replace(create(""), "python3.12", "go1.x", 1), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"The runtime parameter of go1.x is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions."}`},
		{"two architectures", "POST " + functions, create(`,"Architectures":["x86_64","arm64"]`), 400, "ValidationException",
			`{"message":"1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1"}`},
		{"bad architecture", "POST " + functions, create(`,"Architectures":["z80"]`), 400, "ValidationException",
			`{"message":"1 validation error detected: Value '[z80]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"}`},
		{"not a zip", "POST " + functions, strings.Replace(create(""), codeJSON(t, "x"), `{"ZipFile":"YWJj"}`, 1), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Could not unzip uploaded file. Please check your file, then try to upload again."}`},
		{"no source", "POST " + functions, strings.Replace(create(""), codeJSON(t, "x"), `{}`, 1), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Please provide a source for function code."}`},
		{"no bucket", "POST " + functions, strings.Replace(create(""), codeJSON(t, "x"), `{"S3Bucket":"none","S3Key":"k"}`, 1), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"}`},
		{"image on a zip function", "POST " + functions, strings.Replace(create(""), codeJSON(t, "x"), `{"ImageUri":"a/b"}`, 1), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Please provide a source for function code."}`},
		{"image function without an image", "POST " + functions, `{"FunctionName":"img","Role":"` + role + `","PackageType":"Image","Code":{}}`, 400, "InvalidParameterValueException",
			`{"Type":"User","message":"ImageUri is required."}`},
		{"image configuration of a zip function", "POST " + functions, create(`,"ImageConfig":{"Command":["x"]}`), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"The ImageConfig parameter is not supported for functions created with deployment packages."}`},
		{"dead letters to a function", "POST " + functions, create(`,"DeadLetterConfig":{"TargetArn":"arn:aws:lambda:us-east-1:000000000000:function:f"}`), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Invalid dead letter queue ARN: The service specified by the TargetArn is not supported for dead letter configuration."}`},
		{"log level of text", "POST " + functions, create(`,"LoggingConfig":{"LogFormat":"Text","ApplicationLogLevel":"INFO"}`), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the LogFormat to \"JSON\" and try again."}`},
		{"timeout", "POST " + functions, create(`,"Timeout":901`), 400, "ValidationException",
			`{"message":"1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"}`},
		{"two violations", "POST " + functions, strings.Replace(create(`,"Timeout":0`), role, "r1", 1), 400, "ValidationException",
			`{"message":"2 validation errors detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+; Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1"}`},
		{"snap start", "POST " + functions, create(`,"SnapStart":{"ApplyOn":"Always"}`), 400, "ValidationException",
			`{"message":"1 validation error detected: Value 'Always' at 'snapStart.applyOn' failed to satisfy constraint: Member must satisfy enum value set: [PublishedVersions, None]"}`},
		{"environment key", "POST " + functions, create(`,"Environment":{"Variables":{"1bad":"x"}}`), 400, "ValidationException",
			`{"message":"1 validation error detected: Value '{1bad=x}' at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"}`},
		{"environment too big", "POST " + functions, create(`,"Environment":{"Variables":` + bigEnv + `}`), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ` + strings.ReplaceAll(bigEnv, `"`, `\"`) + `"}`},
		{"reserved environment", "POST " + functions, create(`,"Environment":{"Variables":{"AWS_REGION":"x","AWS_ACCESS_KEY":"y"}}`), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_ACCESS_KEY, AWS_REGION"}`},
		{"six layers", "POST " + functions, create(`,"Layers":[` + strings.TrimSuffix(strings.Repeat(`"a",`, 6), ",") + `]`), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Cannot reference more than 5 layers."}`},
		{"layer in another region", "POST " + functions, create(`,"Layers":["arn:aws:lambda:eu-west-1:000000000000:layer:l:1"]`), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Layers are not in the same region as the function. Layers are expected to be in region us-east-1."}`},
		{"missing layer", "POST " + functions, create(`,"Layers":["arn:aws:lambda:us-east-1:000000000000:layer:l:1"]`), 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Layer version arn:aws:lambda:us-east-1:000000000000:layer:l:1 does not exist."}`},
		{"layer without version", "POST " + functions, create(`,"Layers":["arn:aws:lambda:us-east-1:000000000000:layer:l"]`), 400, "ValidationException",
			`{"message":"1 validation error detected: Value '[arn:aws:lambda:us-east-1:000000000000:layer:l]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 2048, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+), Member must not be null]"}`},
		{"stale revision", "PUT " + functions + "/fn/configuration", `{"RevisionId":"x","Timeout":4}`, 412, "PreconditionFailedException",
			`{"Type":"User","message":"The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id"}`},
		{"malformed", "POST " + functions, `{"FunctionName":`, 400, "InvalidRequestContentException", `{"Type":"User","message":"Could not parse request body into json: unexpected EOF"}`},
		{"refused setting", "POST " + functions, create(`,"DurableConfig":{"ExecutionTimeout":10}`), 501, "NotImplementedException", `{"Type":"Service","message":"Postern does not implement DurableConfig of CreateFunction"}`},

		{"publish with another hash", "POST " + functions + "/fn/versions", `{"CodeSha256":"X"}`, 400, "InvalidParameterValueException",
			`{"Type":"User","message":"CodeSHA256 (X) is different from current CodeSHA256 in $LATEST (SHA). Please try again with the CodeSHA256 in $LATEST."}`},
		{"alias of digits", "POST " + functions + "/fn/aliases", `{"Name":"2024","FunctionVersion":"1"}`, 400, "ValidationException",
			`{"message":"1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"}`},
		{"alias exists", "POST " + functions + "/fn/aliases", `{"Name":"live","FunctionVersion":"1"}`, 409, "ResourceConflictException", `{"Type":"User","message":"Alias already exists: ` + farn + `fn:live"}`},
		{"alias, two extra versions", "POST " + functions + "/fn/aliases", `{"Name":"a","FunctionVersion":"1","RoutingConfig":{"AdditionalVersionWeights":{"2":0.1,"3":0.1}}}`, 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Number of items in AdditionalVersionWeights cannot be greater than 1"}`},
		{"alias, same version", "POST " + functions + "/fn/aliases", `{"Name":"a","FunctionVersion":"1","RoutingConfig":{"AdditionalVersionWeights":{"1":0.1}}}`, 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Invalid function version 1. Function version 1 is already included in routing configuration."}`},
		{"alias, $LATEST routed", "POST " + functions + "/fn/aliases", `{"Name":"a","FunctionVersion":"$LATEST","RoutingConfig":{"AdditionalVersionWeights":{"1":0.1}}}`, 400, "InvalidParameterValueException",
			`{"message":"$LATEST is not supported for an alias pointing to more than 1 version"}`},
		{"alias, extra $LATEST", "POST " + functions + "/fn/aliases", `{"Name":"a","FunctionVersion":"1","RoutingConfig":{"AdditionalVersionWeights":{"$LATEST":0.5}}}`, 400, "ValidationException",
			`{"message":"1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"}`},
		{"alias, weight", "POST " + functions + "/fn/aliases", `{"Name":"a","FunctionVersion":"1","RoutingConfig":{"AdditionalVersionWeights":{"2":2.0}}}`, 400, "ValidationException",
			`{"message":"1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]"}`},
		{"alias, missing version", "POST " + functions + "/fn/aliases", `{"Name":"a","FunctionVersion":"10"}`, 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `fn:10","Type":"User"}`},
		{"alias of a missing function", "POST " + functions + "/none/aliases", `{"Name":"a","FunctionVersion":"1"}`, 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `none:1","Type":"User"}`},
		{"get missing alias", "GET " + functions + "/fn/aliases/x", "", 404, "ResourceNotFoundException", `{"Message":"Cannot find alias arn: ` + farn + `fn:x","Type":"User"}`},
		{"update missing alias", "PUT " + functions + "/fn/aliases/x", `{}`, 404, "ResourceNotFoundException", `{"Message":"Alias not found: ` + farn + `fn:x","Type":"User"}`},
		{"delete missing alias", "DELETE " + functions + "/fn/aliases/x", "", 204, "", ""},

		{"no policy", "GET " + functions + "/fn/policy", "", 404, "ResourceNotFoundException", `{"Message":"The resource you requested does not exist.","Type":"User"}`},
		{"policy of $LATEST", "POST " + functions + "/fn/policy?Qualifier=$LATEST", `{"StatementId":"s","Action":"lambda:InvokeFunction","Principal":"*"}`, 400, "InvalidParameterValueException",
			`{"Type":"User","message":"We currently do not support adding policies for $LATEST."}`},
		{"bad principal", "POST " + functions + "/fn/policy", `{"StatementId":"s","Action":"lambda:InvokeFunction","Principal":"me"}`, 400, "InvalidParameterValueException",
			`{"Type":"User","message":"The provided principal was invalid. Please check the principal and try again."}`},
		{"permission on a missing alias", "POST " + functions + "/fn/policy?Qualifier=x", `{"StatementId":"s","Action":"lambda:InvokeFunction","Principal":"*"}`, 404, "ResourceNotFoundException",
			`{"Message":"Cannot find alias arn: ` + farn + `fn:x","Type":"User"}`},
		{"permission on a qualifier that is no alias", "POST " + functions + "/fn/policy?Qualifier=a$b", `{"StatementId":"s","Action":"lambda:InvokeFunction","Principal":"*"}`, 404, "ResourceNotFoundException",
			`{"Message":"Function not found: ` + farn + `fn:a$b","Type":"User"}`},
		{"remove on a missing alias", "DELETE " + functions + "/fn/policy/s?Qualifier=x", "", 404, "ResourceNotFoundException", `{"Message":"Cannot find alias arn: ` + farn + `fn:x","Type":"User"}`},
		{"remove without policy", "DELETE " + functions + "/fn/policy/s", "", 404, "ResourceNotFoundException", `{"Message":"No policy is associated with the given resource.","Type":"User"}`},
		{"remove of a missing function", "DELETE " + functions + "/none/policy/s", "", 404, "ResourceNotFoundException", `{"Message":"No policy found for: ` + farn + `none","Type":"User"}`},

		{"payload", "POST " + functions + "/fn/invocations", `xyz`, 400, "InvalidRequestContentException",
			"{\"Type\":\"User\",\"message\":\"Could not parse request body into json: Could not parse payload into json: Unexpected character ('x' (code 120)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]\"}"},
		{"concurrency of a version", "PUT /2017-10-31/functions/fn:1/concurrency", `{"ReservedConcurrentExecutions":1}`, 400, "InvalidParameterValueException",
			`{"Type":"User","message":"This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN."}`},
		{"concurrency of none", "PUT /2017-10-31/functions/none/concurrency", `{"ReservedConcurrentExecutions":1}`, 404, "ResourceNotFoundException", `{"Message":"Function not found: ` + farn + `none:$LATEST","Type":"User"}`},
		{"too much concurrency", "PUT /2017-10-31/functions/fn/concurrency", `{"ReservedConcurrentExecutions":901}`, 400, "InvalidParameterValueException",
			`{"message":"Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100]."}`},
		{"tags of an alias", "POST /2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Afn%3Alive", `{"Tags":{"a":"b"}}`, 400, "InvalidParameterValueException",
			`{"Type":"User","message":"Tags on function aliases and versions are not supported. Please specify a function ARN."}`},
		{"tags of a mapping", "GET /2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Aevent-source-mapping%3A00000000-0000-0000-0000-000000000000", "", 404, "ResourceNotFoundException",
			`{"Message":"Event source mapping not found: arn:aws:lambda:us-east-1:000000000000:event-source-mapping:00000000-0000-0000-0000-000000000000","Type":"User"}`},
		{"tags of nothing", "GET /2017-03-31/tags/arn%3Aaws%3Asomething", "", 400, "ValidationException",
			`{"message":"1 validation error detected: Value 'arn:aws:something' at 'resource' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)"}`},
		{"layer for unknown runtimes", "POST /2018-10-31/layers/l/versions", `{"Content":` + codeJSON(t, "x") + `,"CompatibleRuntimes":["nodejs20.x","none"],"CompatibleArchitectures":["z80"]}`, 400, "ValidationException",
			`{"message":"2 validation errors detected: Value '[nodejs20.x, none]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy enum value set: [` + strings.Join(lambda.Runtimes, ", ") + `]; Value '[z80]' at 'compatibleArchitectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"}`},
		{"no tags", "POST /2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Afn", `{"Tags":{}}`, 400, "InvalidParameterValueException",
			`{"Type":"User","message":"An error occurred and the request cannot be processed."}`},
		{"no tag keys", "DELETE /2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Afn", "", 400, "ValidationException",
			`{"message":"1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"}`},
		{"recursion", "PUT /2024-08-31/functions/fn/recursion-config", `{"RecursiveLoop":"No"}`, 400, "ValidationException",
			`{"message":"1 validation error detected: Value 'No' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]"}`},
		{"recursion set", "PUT /2024-08-31/functions/fn/recursion-config", `{"RecursiveLoop":"Allow"}`, 200, "", `{"RecursiveLoop":"Allow"}`},
		{"recursion", "GET /2024-08-31/functions/fn/recursion-config", "", 200, "", `{"RecursiveLoop":"Allow"}`},
		{"unknown path", "GET /2015-03-31/nothing", "", 404, "UnknownOperationException", `{}`},
		{"unbuilt", "GET /2020-04-22/code-signing-configs", "", 501, "NotImplementedException", `{"Type":"Service","message":"Postern does not implement lambda ListCodeSigningConfigs; GET /_postern/coverage lists what it does"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res, body := s.request(t, tc.line, tc.body)
			sha := latestSHA(t, s)
			if diff := cmp.Diff(strings.ReplaceAll(body, sha, "SHA"), tc.want); diff != "" {
				t.Errorf("body differs (-got +want):\n%s", diff)
			}
			if res.StatusCode != tc.status || res.Header.Get("X-Amzn-ErrorType") != tc.code {
				t.Errorf("got %d %s, want %d %s", res.StatusCode, res.Header.Get("X-Amzn-ErrorType"), tc.status, tc.code)
			}
			if res.Header.Get("X-Amzn-RequestId") == "" || len(res.Header.Values("Date")) != 1 {
				t.Errorf("headers: %v", res.Header)
			}
		})
	}
}

func latestSHA(t *testing.T, s *server) string {
	t.Helper()
	d, err := s.service.GetFunction(lambda.Ref{Scope: lambdatest.Scope, Name: "fn"})
	if err != nil {
		t.Fatal(err)
	}
	return d.Version.Code.SHA256
}
