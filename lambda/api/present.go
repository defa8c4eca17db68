package api

import (
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// stamp is how a function's LastModified reads.
func stamp(t time.Time) *string {
	return awsapi.Ptr(t.UTC().Format("2006-01-02T15:04:05.000+0000"))
}

// describe shows a version with its state.
func describe(region string, d *lambda.Described) *wire.FunctionConfiguration {
	out := list(d)
	v := d.Version
	out.State, out.StateReason, out.StateReasonCode = status(v.State)
	out.LastUpdateStatus, out.LastUpdateStatusReason, out.LastUpdateStatusReasonCode = status(v.Update)
	if v.Config.Runtime != "" {
		out.RuntimeVersionConfig = &wire.RuntimeVersionConfig{RuntimeVersionArn: awsapi.Ptr(lambda.RuntimeVersionARN(region, v.Config.Runtime))}
	}
	return out
}

func status(s lambda.Status) (value, reason, code *string) {
	return awsapi.NonEmpty(s.Value), awsapi.NonEmpty(s.Reason), awsapi.NonEmpty(s.ReasonCode)
}

// list shows a version as lists do, without its state.
func list(d *lambda.Described) *wire.FunctionConfiguration {
	v, c := d.Version, &d.Version.Config
	out := &wire.FunctionConfiguration{
		FunctionName: &d.Name, FunctionArn: &d.ARN, Version: &v.Number, RevisionId: &v.Revision, LastModified: stamp(v.Modified),
		Role: &c.Role, Runtime: awsapi.NonEmpty(c.Runtime), Handler: awsapi.NonEmpty(c.Handler), Description: &c.Description,
		Timeout: &c.Timeout, MemorySize: &c.MemorySize, PackageType: &c.PackageType, Architectures: []string{c.Architecture},
		CodeSize: &v.Code.Size, CodeSha256: &v.Code.SHA256,
		EphemeralStorage: &wire.EphemeralStorage{Size: &c.Ephemeral},
		TracingConfig:    &wire.TracingConfigResponse{Mode: &c.Tracing},
		SnapStart:        &wire.SnapStartResponse{ApplyOn: &c.SnapStart, OptimizationStatus: awsapi.Ptr("Off")},
		LoggingConfig: &wire.LoggingConfig{
			LogFormat: &c.Logging.Format, LogGroup: &c.Logging.Group,
			ApplicationLogLevel: awsapi.NonEmpty(c.Logging.ApplicationLevel), SystemLogLevel: awsapi.NonEmpty(c.Logging.SystemLevel),
		},
		KMSKeyArn: awsapi.NonEmpty(c.KMSKeyARN),
	}
	if c.Environment != nil {
		out.Environment = &wire.EnvironmentResponse{Variables: c.Environment}
	}
	if c.DeadLetter != "" {
		out.DeadLetterConfig = &wire.DeadLetterConfig{TargetArn: &c.DeadLetter}
	}
	for i := range c.Layers {
		out.Layers = append(out.Layers, wire.Layer{Arn: &c.Layers[i].ARN, CodeSize: &c.Layers[i].Size})
	}
	for i := range c.FileSystems {
		out.FileSystemConfigs = append(out.FileSystemConfigs, wire.FileSystemConfig{Arn: &c.FileSystems[i].ARN, LocalMountPath: &c.FileSystems[i].Path})
	}
	if i := c.Image; i != nil {
		out.ImageConfigResponse = &wire.ImageConfigResponse{ImageConfig: &wire.ImageConfig{
			EntryPoint: orEmpty(i.EntryPoint), Command: orEmpty(i.Command), WorkingDirectory: &i.WorkingDirectory,
		}}
	}
	if p := c.VPC; p != nil {
		out.VpcConfig = &wire.VpcConfigResponse{
			SubnetIds: orEmpty(p.Subnets), SecurityGroupIds: orEmpty(p.SecurityGroups), VpcId: &p.ID, Ipv6AllowedForDualStack: &p.DualStack,
		}
	}
	return out
}

// orEmpty makes a list that shows even without elements.
func orEmpty(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}
