package cloudwatch

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
)

type dashboard struct {
	Name     string
	Body     string
	Modified time.Time
	Tags     map[string]string `json:",omitempty"`
}

var dashboards = store.NewTable[dashboard]("cloudwatch.dashboard")

// AWS: dashboards belong to an account and not to a region.
func globalScope(ctx context.Context) store.Scope {
	return store.Scope{Account: scopeOf(ctx).Account, Region: "global"}
}

func dashboardARN(account, name string) string {
	return "arn:aws:cloudwatch::" + account + ":dashboard/" + name
}

var dashboardName = lazyregexp.New(`^[A-Za-z0-9_-]{1,255}$`)

func (s *Service) putDashboard(ctx context.Context, in *wire.PutDashboardInput) (*wire.PutDashboardOutput, error) {
	if !dashboardName().MatchString(*in.DashboardName) {
		// unverified against AWS: the text's second half.
		return nil, invalidDashboard("The value %s for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).", *in.DashboardName)
	}
	var body struct{ Widgets []json.RawMessage }
	if json.Unmarshal([]byte(*in.DashboardBody), &body) != nil {
		// unverified against AWS: the text.
		return nil, invalidDashboard("The field DashboardBody must be a valid JSON object.")
	}
	add, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	scope := globalScope(ctx)
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		if have, ok := dashboards.Get(tx, scope, *in.DashboardName); ok {
			add = have.Tags
		}
		dashboards.Put(tx, scope, *in.DashboardName, &dashboard{Name: *in.DashboardName, Body: *in.DashboardBody, Modified: s.now(), Tags: add})
		return nil
	})
	return &wire.PutDashboardOutput{DashboardValidationMessages: []wire.DashboardValidationMessage{}}, err
}

func invalidDashboard(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("InvalidParameterInput", format, args...)
}

// noDashboard has a shape of its own: other resources share its code.
func noDashboard(name string) *awsapi.Error {
	e := awsapi.Errorf("ResourceNotFound", "Dashboard %s does not exist", name)
	e.Shape = "DashboardNotFoundError"
	return e
}

func (s *Service) getDashboard(ctx context.Context, in *wire.GetDashboardInput) (*wire.GetDashboardOutput, error) {
	var out *wire.GetDashboardOutput
	scope := globalScope(ctx)
	err := s.db.View(func(tx *store.Tx) error {
		d, ok := dashboards.Get(tx, scope, *in.DashboardName)
		if !ok {
			return noDashboard(*in.DashboardName)
		}
		out = &wire.GetDashboardOutput{DashboardArn: awsapi.Ptr(dashboardARN(scope.Account, d.Name)), DashboardBody: &d.Body, DashboardName: &d.Name}
		return nil
	})
	return out, err
}

const dashboardsPage = 1000

func (s *Service) listDashboards(ctx context.Context, in *wire.ListDashboardsInput) (*wire.ListDashboardsOutput, error) {
	scope := globalScope(ctx)
	entries := []wire.DashboardEntry{}
	err := s.db.View(func(tx *store.Tx) error {
		for _, d := range dashboards.List(tx, scope, awsapi.Val(in.DashboardNamePrefix)) {
			entries = append(entries, wire.DashboardEntry{
				DashboardName: &d.Name, DashboardArn: awsapi.Ptr(dashboardARN(scope.Account, d.Name)), LastModified: &d.Modified, Size: awsapi.Ptr(int64(len(d.Body))),
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b wire.DashboardEntry) int { return strings.Compare(*a.DashboardName, *b.DashboardName) })
	cut, next, ok := awsapi.Page(entries, awsapi.Val(in.NextToken), 0, dashboardsPage, dashboardsPage)
	if !ok {
		return nil, invalidValue("Request parameter NextToken is invalid")
	}
	return &wire.ListDashboardsOutput{DashboardEntries: orEmpty(cut), NextToken: awsapi.NonEmpty(next)}, nil
}

func (s *Service) deleteDashboards(ctx context.Context, in *wire.DeleteDashboardsInput) (*wire.DeleteDashboardsOutput, error) {
	scope := globalScope(ctx)
	return &wire.DeleteDashboardsOutput{}, s.db.Update(ctx, func(tx *store.Tx) error {
		for _, name := range in.DashboardNames {
			if _, ok := dashboards.Get(tx, scope, name); !ok {
				return noDashboard(name) // AWS: then none is deleted
			}
		}
		for _, name := range in.DashboardNames {
			dashboards.Delete(tx, scope, name)
		}
		return nil
	})
}
