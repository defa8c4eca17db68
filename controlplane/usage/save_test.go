package usage_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/runtime/snapshot"
)

// What was counted is taken up by the next start: at once what UpdateUsage grants,
// the rest when it is saved. Counts of plans that are gone are not.
func TestSave(t *testing.T) {
	f := newFixture(t)
	key := *must[sdk.CreateApiKeyOutput](f)(f.c.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{Name: aws.String("k"), Enabled: true})).Id
	plan := must[sdk.CreateUsagePlanOutput](f)(f.c.CreateUsagePlan(t.Context(), &sdk.CreateUsagePlanInput{Name: aws.String("p"),
		Quota: &types.QuotaSettings{Limit: 10, Period: types.QuotaPeriodTypeDay}})).Id
	must[sdk.CreateUsagePlanKeyOutput](f)(f.c.CreateUsagePlanKey(t.Context(), &sdk.CreateUsagePlanKeyInput{UsagePlanId: plan, KeyId: &key, KeyType: aws.String("API_KEY")}))
	loaded := func() []snapshot.KeyUsage {
		t.Helper()
		if err := f.svc.Restore(t.Context()); err != nil {
			t.Fatal(err)
		}
		return f.m.loaded
	}
	must[sdk.UpdateUsageOutput](f)(f.c.UpdateUsage(t.Context(), &sdk.UpdateUsageInput{UsagePlanId: plan, KeyId: &key,
		PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/remaining"), Value: aws.String("50")}}}))
	want := []snapshot.KeyUsage{{PlanID: *plan, KeyID: key, Granted: map[string]int64{"2026-03-04": 50}}}
	if diff := cmp.Diff(want, loaded()); diff != "" {
		t.Errorf("after UpdateUsage (-want +got):\n%s", diff)
	}
	want[0].Days = map[string]int64{"2026-03-04": 3}
	f.m.changed = []snapshot.KeyUsage{want[0], {PlanID: "gone", KeyID: key}}
	if err := f.svc.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, loaded()); diff != "" {
		t.Errorf("after Save (-want +got):\n%s", diff)
	}
	if _, err := f.c.DeleteUsagePlan(t.Context(), &sdk.DeleteUsagePlanInput{UsagePlanId: plan}); err != nil {
		t.Fatal(err)
	}
	if got := loaded(); len(got) != 0 {
		t.Errorf("after DeleteUsagePlan: %+v", got)
	}
}
