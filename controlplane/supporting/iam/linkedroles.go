package iam

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
	"github.com/postern/postern/controlplane/store"
)

// linkedRoleNames are the names that services gave their roles; unlisted ones
// follow the first label of the service's name.
var linkedRoleNames = map[string]string{
	"ops.apigateway.amazonaws.com":       "AWSServiceRoleForAPIGateway",
	"replicator.lambda.amazonaws.com":    "AWSServiceRoleForLambdaReplicator",
	"lambda.amazonaws.com":               "AWSServiceRoleForLambda",
	"autoscaling.amazonaws.com":          "AWSServiceRoleForAutoScaling",
	"ecs.amazonaws.com":                  "AWSServiceRoleForECS",
	"eks.amazonaws.com":                  "AWSServiceRoleForAmazonEKS",
	"elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
	"rds.amazonaws.com":                  "AWSServiceRoleForRDS",
	"cloudfront.amazonaws.com":           "AWSServiceRoleForCloudFront",
}

// unverified against AWS: names of roles of services that are not listed above.
func linkedRoleName(service, suffix string) string {
	name := linkedRoleNames[service]
	if name == "" {
		first, _, _ := strings.Cut(service, ".")
		name = "AWSServiceRoleFor" + strings.ToUpper(first[:1]) + first[1:]
	}
	if suffix != "" {
		name += "_" + suffix
	}
	return name
}

// deletionTask remembers the deletion of a service-linked role, which AWS does
// behind the caller's back and lets him ask about.
type deletionTask struct {
	ID      string
	Created time.Time
}

var deletions = store.NewTable[deletionTask]("iam.servicelinkedroledeletion")

func protected(name string) error {
	return awsapi.Errorf("UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", name)
}

func (s *Service) createServiceLinkedRole(ctx context.Context, in *wire.CreateServiceLinkedRoleInput) (*wire.CreateServiceLinkedRoleOutput, error) {
	service := *in.AWSServiceName
	if !strings.HasSuffix(service, ".amazonaws.com") || strings.HasPrefix(service, ".") {
		// unverified against AWS: the text for a name that is no service's.
		return nil, awsapi.Errorf("InvalidInput", "Invalid service name %s", service)
	}
	return edit(ctx, s, func(tx *txn) (*wire.CreateServiceLinkedRoleOutput, error) {
		name := linkedRoleName(service, awsapi.Val(in.CustomSuffix))
		if _, ok := roles.Get(tx.Tx, tx.scope, nameKey(name)); ok {
			return nil, awsapi.Errorf("InvalidInput", "Service role name %s has been taken in this account, please try a different suffix.", name)
		}
		r := &role{
			Name:        name,
			Path:        "/aws-service-role/" + service + "/",
			ID:          s.uniqueID("AROA"),
			Created:     tx.now(),
			TrustPolicy: fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":[%q]}}]}`, service),
			Description: awsapi.Val(in.Description),
			MaxSession:  defaultMaxSession,
			LinkedTo:    service,
		}
		r.ARN = tx.arn("role" + r.Path + r.Name)
		roles.Put(tx.Tx, tx.scope, nameKey(name), r)
		return &wire.CreateServiceLinkedRoleOutput{Role: roleHead(r)}, nil
	})
}

// deleteServiceLinkedRole deletes at once; the task it answers is done.
func (s *Service) deleteServiceLinkedRole(ctx context.Context, in *wire.DeleteServiceLinkedRoleInput) (*wire.DeleteServiceLinkedRoleOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.DeleteServiceLinkedRoleOutput, error) {
		r, err := tx.role(*in.RoleName)
		if err != nil {
			return nil, err
		}
		if r.LinkedTo == "" {
			// unverified against AWS: the text for a role of another kind.
			return nil, noSuchEntity("The role with name %s cannot be found.", *in.RoleName)
		}
		roles.Delete(tx.Tx, tx.scope, nameKey(r.Name))
		task := &deletionTask{ID: "task" + r.Path + r.Name + "/" + strings.ToLower(s.newID(32)), Created: tx.now()}
		deletions.Put(tx.Tx, tx.scope, task.ID, task)
		return &wire.DeleteServiceLinkedRoleOutput{DeletionTaskId: &task.ID}, nil
	})
}

func (s *Service) getServiceLinkedRoleDeletionStatus(ctx context.Context, in *wire.GetServiceLinkedRoleDeletionStatusInput) (*wire.GetServiceLinkedRoleDeletionStatusOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetServiceLinkedRoleDeletionStatusOutput, error) {
		if _, ok := deletions.Get(tx.Tx, tx.scope, *in.DeletionTaskId); !ok {
			return nil, noSuchEntity("Deletion task %s cannot be found.", *in.DeletionTaskId) // unverified against AWS: the text
		}
		return &wire.GetServiceLinkedRoleDeletionStatusOutput{Status: awsapi.Ptr("SUCCEEDED")}, nil
	})
}
