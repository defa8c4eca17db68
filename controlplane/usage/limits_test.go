package usage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/store"
)

func (f *fixture) plan(name string, stages ...types.ApiStage) string {
	f.Helper()
	return *must[sdk.CreateUsagePlanOutput](f)(f.c.CreateUsagePlan(f.Context(), &sdk.CreateUsagePlanInput{Name: &name, ApiStages: stages})).Id
}

func (f *fixture) subscribe(plan, key string) error {
	_, err := f.c.CreateUsagePlanKey(f.Context(), &sdk.CreateUsagePlanKeyInput{UsagePlanId: &plan, KeyId: &key, KeyType: aws.String("API_KEY")})
	return err
}

// The account's whole state, which grows, is not handed to the meter for each key.
func TestManyKeys(t *testing.T) {
	f := newFixture(t)
	plan := f.plan("p", types.ApiStage{ApiId: aws.String("api"), Stage: aws.String("dev")})
	sets := f.m.sets
	for range 100 {
		if err := f.subscribe(plan, f.key("k", "", true)); err != nil {
			t.Fatal(err)
		}
	}
	if f.m.sets != sets {
		t.Errorf("the meter was handed everything %d times", f.m.sets-sets)
	}
}

// The usage of one key is found behind any number of others.
func TestUsageOfOneKey(t *testing.T) {
	f := newFixture(t)
	plan, last := f.plan("p"), ""
	for range 30 {
		last = f.key("k", "", true)
		if err := f.subscribe(plan, last); err != nil {
			t.Fatal(err)
		}
	}
	out := must[sdk.GetUsageOutput](f)(f.c.GetUsage(t.Context(), &sdk.GetUsageInput{UsagePlanId: &plan, KeyId: &last, StartDate: aws.String("2026-03-04"), EndDate: aws.String("2026-03-04")}))
	if len(out.Items) != 1 || len(out.Items[last]) != 1 || out.Position != nil {
		t.Errorf("got %v, more at %v", out.Items, out.Position)
	}
}

func TestKeyLimit(t *testing.T) {
	f := newFixture(t)
	var file strings.Builder
	file.WriteString("key\n")
	for i := range 10000 {
		fmt.Fprintf(&file, "key-number-%09d-of-many\n", i)
	}
	out := must[sdk.ImportApiKeysOutput](f)(f.c.ImportApiKeys(t.Context(), &sdk.ImportApiKeysInput{Body: []byte(file.String()), Format: types.ApiKeysFormatCsv}))
	if len(out.Ids) != 10000 {
		t.Fatalf("imported %d, warnings %v", len(out.Ids), out.Warnings[:1])
	}
	_, err := f.c.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{})
	f.refused(err, "LimitExceededException", "Maximum number of API Keys for this account has been reached. Please contact AWS if you need additional API Keys.")
	_, err = f.c.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{Value: aws.String("key-number-000000005-of-many")})
	f.refused(err, "ConflictException", "API Key already exists")
	if _, err := f.c.DeleteApiKey(t.Context(), &sdk.DeleteApiKeyInput{ApiKey: &out.Ids[5]}); err != nil {
		t.Fatal(err)
	}
	f.key("again", "key-number-000000005-of-many", true)
}

func TestPlanLimits(t *testing.T) {
	f := newFixture(t)
	key := f.key("k", "", true)
	for i := range 10 {
		if err := f.subscribe(f.plan(fmt.Sprint("p", i)), key); err != nil {
			t.Fatal(err)
		}
	}
	f.refused(f.subscribe(f.plan("p10"), key), "LimitExceededException", "API Key "+key+" can be in at most 10 Usage Plans")
	throttles := map[string]types.ThrottleSettings{}
	for i := range 20 {
		throttles[fmt.Sprintf("/%d/GET", i)] = types.ThrottleSettings{BurstLimit: 1}
	}
	stage := types.ApiStage{ApiId: aws.String("api"), Stage: aws.String("dev"), Throttle: throttles}
	plan := *must[sdk.CreateUsagePlanOutput](f)(f.c.CreateUsagePlan(t.Context(), &sdk.CreateUsagePlanInput{
		Name: aws.String("throttled"), ApiStages: []types.ApiStage{stage}, Throttle: &types.ThrottleSettings{BurstLimit: 1}})).Id
	const text = "API Stage api:dev can have at most 20 method throttles"
	_, err := f.c.UpdateUsagePlan(t.Context(), &sdk.UpdateUsagePlanInput{UsagePlanId: &plan, PatchOperations: ops("replace", "/apiStages/api:dev/throttle/~1more/GET/burstLimit", "1")})
	f.refused(err, "LimitExceededException", text)
	throttles["/more/GET"] = types.ThrottleSettings{BurstLimit: 1}
	_, err = f.c.CreateUsagePlan(t.Context(), &sdk.CreateUsagePlanInput{Name: aws.String("x"), ApiStages: []types.ApiStage{stage}})
	f.refused(err, "LimitExceededException", text)
	for i := range 300 - 12 {
		f.plan(fmt.Sprint("q", i))
	}
	_, err = f.c.CreateUsagePlan(t.Context(), &sdk.CreateUsagePlanInput{Name: aws.String("x")})
	f.refused(err, "LimitExceededException", "Maximum number of Usage Plans for this account has been reached. Please contact AWS if you need additional Usage Plans.")
}

// A key reaches a stage by one plan only, whichever of key and stage comes last.
func TestOneWayToAStage(t *testing.T) {
	f := newFixture(t)
	dev := types.ApiStage{ApiId: aws.String("api"), Stage: aws.String("dev")}
	one, two, three := f.plan("one", dev), f.plan("two", dev), f.plan("three")
	key := f.key("k", "", true)
	for _, plan := range []string{one, three} {
		if err := f.subscribe(plan, key); err != nil {
			t.Fatal(err)
		}
	}
	f.refused(f.subscribe(one, key), "ConflictException", "Usage Plan "+one+" already has the API Key "+key)
	f.refused(f.subscribe(two, key), "ConflictException", "API Key "+key+" can't subscribe to "+two+", it is subscribed to the same API stage by "+one)
	_, err := f.c.UpdateUsagePlan(t.Context(), &sdk.UpdateUsagePlanInput{UsagePlanId: &three, PatchOperations: ops("add", "/apiStages", "api:dev")})
	f.refused(err, "ConflictException", "API Key "+key+" can't subscribe to "+three+", it is subscribed to the same API stage by "+one)
}

// An import puts a key into plans as the API does.
func TestImportedKeyHasOneWayToAStage(t *testing.T) {
	f := newFixture(t)
	dev := types.ApiStage{ApiId: aws.String("api"), Stage: aws.String("dev")}
	one, two := f.plan("one", dev), f.plan("two", dev)
	file := "key,usageplanIds\nkey-number-000000001-of-many,\"" + one + "," + two + "\"\n"
	out := must[sdk.ImportApiKeysOutput](f)(f.c.ImportApiKeys(t.Context(), &sdk.ImportApiKeysInput{Body: []byte(file), Format: types.ApiKeysFormatCsv}))
	if len(out.Ids) != 1 || len(out.Warnings) != 1 {
		t.Fatalf("imported %v, warnings %v", out.Ids, out.Warnings)
	}
	if want := "row 2: API Key " + out.Ids[0] + " can't subscribe to " + two + ", it is subscribed to the same API stage by " + one; out.Warnings[0] != want {
		t.Errorf("warning %q\nwant    %q", out.Warnings[0], want)
	}
}

func TestStageDeleted(t *testing.T) {
	f := newFixture(t)
	plan := f.plan("p", types.ApiStage{ApiId: aws.String("api"), Stage: aws.String("dev")})
	scope := store.Scope{Account: f.m.last.AccountID, Region: f.m.last.Region}
	err := f.db.Update(t.Context(), func(tx *store.Tx) error {
		f.svc.StageDeleted(tx, scope, "api", "other")
		f.svc.StageDeleted(tx, scope, "api", "dev")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := must[sdk.GetUsagePlanOutput](f)(f.c.GetUsagePlan(t.Context(), &sdk.GetUsagePlanInput{UsagePlanId: &plan})); len(got.ApiStages) != 0 || len(f.m.last.Plans[0].Stages) != 0 {
		t.Errorf("still in the plan: %+v", got.ApiStages)
	}
	if _, err := f.c.DeleteUsagePlan(t.Context(), &sdk.DeleteUsagePlanInput{UsagePlanId: &plan}); err != nil {
		t.Error(err)
	}
}

// What the meter is told of single keys.
func TestMeterIsTold(t *testing.T) {
	f := newFixture(t)
	plan, value := f.plan("p", types.ApiStage{ApiId: aws.String("api"), Stage: aws.String("dev")}), strings.Repeat("v", 20)
	key := f.key("k", value, true)
	if err := f.subscribe(plan, key); err != nil {
		t.Fatal(err)
	}
	must[sdk.UpdateApiKeyOutput](f)(f.c.UpdateApiKey(t.Context(), &sdk.UpdateApiKeyInput{ApiKey: &key, PatchOperations: ops("replace", "/enabled", "false")}))
	must[sdk.DeleteUsagePlanKeyOutput](f)(f.c.DeleteUsagePlanKey(t.Context(), &sdk.DeleteUsagePlanKeyInput{UsagePlanId: &plan, KeyId: &key}))
	if err := f.subscribe(plan, key); err != nil {
		t.Fatal(err)
	}
	must[sdk.DeleteApiKeyOutput](f)(f.c.DeleteApiKey(t.Context(), &sdk.DeleteApiKeyInput{ApiKey: &key}))
	want := []string{
		"+" + plan + " " + key + " true", "+" + plan + " " + key + " false", "-" + plan + " " + value,
		"+" + plan + " " + key + " false", "-" + plan + " " + value,
	}
	if diff := cmp.Diff(want, f.m.told); diff != "" {
		t.Error(diff)
	}
}

// What AWS answers to plans that say half of what they are about.
func TestPlansThatAreIncomplete(t *testing.T) {
	f := newFixture(t)
	create := func(stage types.ApiStage) error {
		_, err := f.c.CreateUsagePlan(t.Context(), &sdk.CreateUsagePlanInput{Name: aws.String("p"), ApiStages: []types.ApiStage{stage}})
		return err
	}
	api, dev, none := aws.String("api"), aws.String("dev"), aws.String("")
	for _, stage := range []types.ApiStage{{}, {ApiId: api}, {Stage: dev}, {ApiId: api, Stage: none}, {ApiId: none, Stage: dev}} {
		f.refused(create(stage), "BadRequestException", "Invalid API Stage {api: %s, stage: %s} specified for usageplan %s")
	}
	f.refused(create(types.ApiStage{ApiId: api, Stage: aws.String("nosuch")}), "NotFoundException", "API Stage not found: api:nosuch")
	f.refused(create(types.ApiStage{ApiId: api, Stage: dev, Throttle: map[string]types.ThrottleSettings{"pets": {RateLimit: 1}}}),
		"BadRequestException", "Invalid method {resourcePath: pets,method: } specified")
	f.refused(create(types.ApiStage{ApiId: api, Stage: dev, Throttle: map[string]types.ThrottleSettings{"/pets/GET": {RateLimit: 1}}}),
		"BadRequestException", "Can not define fine grain throttling if usage plan throttle is not defined.")
}
