package lambda

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/store"
)

// Runtimes are the runtimes that functions can be created with, in the order of AWS's message.
var Runtimes = []string{
	"nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x", "java25",
	"python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2", "python3.8", "python3.9", "java17", "nodejs16.x",
	"dotnet10", "dotnet8", "java11", "dotnet6", "nodejs18.x", "provided.al2", "java8.al2",
}

var retiredRuntimes = []string{
	"java8", "go1.x", "provided", "ruby2.5", "ruby2.7", "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10",
	"nodejs10.x", "nodejs12.x", "nodejs14.x", "python2.7", "python3.6", "python3.7", "dotnetcore1.0", "dotnetcore2.0",
	"dotnetcore2.1", "dotnetcore3.1", "dotnet5.0",
}

var reservedVariables = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
	"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY",
	"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

const (
	maxEnvironment = 4096  // bytes of JSON
	maxMemory      = 10240 // MB; the model allows more for managed instances
	maxTimeout     = 900   // s
	maxLayers      = 5
)

// DefaultConfiguration is the configuration of a function that says nothing.
func DefaultConfiguration(function string) Configuration {
	return Configuration{
		Timeout: 3, MemorySize: 128, PackageType: "Zip", Architecture: "x86_64", Ephemeral: 512,
		Tracing: "PassThrough", SnapStart: "None", Logging: Logging{Format: "Text", Group: "/aws/lambda/" + function},
	}
}

// complete checks a configuration beyond what the service model says and fills in what depends on other fields.
func (c *Configuration) complete(scope store.Scope) error {
	if err := c.checkPackage(); err != nil {
		return err
	}
	if c.Timeout > maxTimeout {
		return violation("Value '%d' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to %d", c.Timeout, maxTimeout)
	}
	if c.MemorySize > maxMemory {
		return invalid("'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to %d", maxMemory)
	}
	if err := checkEnvironment(c.Environment); err != nil {
		return err
	}
	if v := c.VPC; v != nil {
		v.ID = ""
		if len(v.Subnets) > 0 {
			sum := sha256.Sum256([]byte(scope.Account + scope.Region))
			v.ID = "vpc-" + hex.EncodeToString(sum[:])[:17]
		}
	}
	if err := checkDeadLetter(c.DeadLetter); err != nil {
		return err
	}
	return c.Logging.complete()
}

// checkDeadLetter wants an ARN of one of the services that dead letters go to.
func checkDeadLetter(arn string) error {
	if parts := strings.Split(arn, ":"); len(parts) > 2 && parts[2] != "sqs" && parts[2] != "sns" {
		return invalid("Invalid dead letter queue ARN: The service specified by the TargetArn is not supported for dead letter configuration.")
	}
	return nil
}

func (c *Configuration) checkPackage() error {
	if c.PackageType == "Image" {
		if c.Runtime != "" || c.Handler != "" || len(c.Layers) > 0 {
			// unverified against AWS: the text.
			return invalid("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.")
		}
		return nil
	}
	if c.Image != nil {
		return invalid("The ImageConfig parameter is not supported for functions created with deployment packages.")
	}
	if c.Runtime == "" || c.Handler == "" {
		// unverified against AWS: the text.
		return invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	}
	return checkRuntime(c.Runtime)
}

func checkRuntime(runtime string) error {
	if slices.Contains(Runtimes, runtime) {
		return nil
	}
	if slices.Contains(retiredRuntimes, runtime) {
		return invalid("The runtime parameter of %s is no longer supported for creating or updating AWS Lambda functions. "+
			"We recommend you use a supported runtime while creating or updating functions.", runtime)
	}
	return invalid("Value %s at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [%s] or be a valid ARN",
		runtime, strings.Join(Runtimes, ", "))
}

func checkEnvironment(vars map[string]string) error {
	const unable = "Lambda was unable to configure your environment variables because the environment variables you have provided "
	var reserved []string
	for k := range vars {
		if slices.Contains(reservedVariables, k) {
			reserved = append(reserved, k)
		}
	}
	if len(reserved) > 0 {
		slices.Sort(reserved)
		return invalid(unable+"contains reserved keys that are currently not supported for modification. Reserved keys used in this request: %s",
			strings.Join(reserved, ", "))
	}
	if measured := compactJSON(vars); len(measured) > maxEnvironment {
		return invalid(unable+"exceeded the 4KB limit. String measured: %s", measured)
	}
	return nil
}

func (l *Logging) complete() error {
	if l.Format != "JSON" {
		if l.ApplicationLevel != "" || l.SystemLevel != "" {
			return invalid(`LogLevel is not supported when LogFormat is set to "%s". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.`, l.Format)
		}
		return nil
	}
	if l.ApplicationLevel == "" {
		l.ApplicationLevel = "INFO"
	}
	if l.SystemLevel == "" {
		l.SystemLevel = "INFO"
	}
	return nil
}

// layers resolves the layer versions that a function names.
func (s *Service) layers(tx *store.Tx, scope store.Scope, arns []string) ([]LayerRef, error) {
	if len(arns) > maxLayers {
		return nil, invalid("Cannot reference more than %d layers.", maxLayers)
	}
	var refs []LayerRef
	seen := map[string]string{}
	for _, arn := range arns {
		l, ok := parseLayerVersionARN(arn)
		if !ok {
			return nil, violation("Value '[%s]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: "+
				"[Member must have length less than or equal to 2048, Member must have length greater than or equal to 1, "+
				"Member must satisfy regular expression pattern: %s, Member must not be null]", strings.Join(arns, ", "), layerVersionPattern)
		}
		if l.scope.Region != scope.Region {
			return nil, invalid("Layers are not in the same region as the function. Layers are expected to be in region %s.", scope.Region)
		}
		unversioned := layerARN(l.scope, l.name)
		if first, twice := seen[unversioned]; twice {
			return nil, invalid("Two different versions of the same layer are not allowed to be referenced in the same function. "+
				"%s and %s are versions of the same layer.", first, arn)
		}
		seen[unversioned] = arn
		rec, ok := layerVersions.Get(tx, l.scope, layerKey(l.name, l.number))
		if !ok || l.scope.Account != scope.Account && !rec.Policy.allows(Caller{Account: scope.Account}, "lambda:GetLayerVersion") {
			return nil, invalid("Layer version %s does not exist.", arn)
		}
		refs = append(refs, LayerRef{ARN: arn, Size: rec.Code.Size, Blob: rec.Code.Blob, Unzipped: rec.Code.Unzipped})
	}
	return refs, nil
}

// checkUnzipped holds code and layers to the limit that they share.
func checkUnzipped(code Code, layers []LayerRef) error {
	total := code.Unzipped
	for _, l := range layers {
		total += l.Unzipped
	}
	if len(layers) > 0 && total > MaxUnzipped {
		// unverified against AWS: the text.
		return invalid("Function code combined with layers exceeds the maximum allowed size of %d bytes. The actual size is %d bytes.", MaxUnzipped, total)
	}
	return nil
}

// compactJSON is how AWS measures and prints JSON: without spaces, <, > and & as they are.
func compactJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // of maps and structs of strings: cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}
