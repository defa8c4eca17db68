package usage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/usage"
	"github.com/postern/postern/runtime/snapshot"
)

// meter remembers what it was handed.
type meter struct {
	last      *snapshot.Usage
	sets      int
	told      []string // what Subscribe and Unsubscribe were called with
	remaining int64
	changed   []snapshot.KeyUsage
	loaded    []snapshot.KeyUsage
}

func (m *meter) Set(u *snapshot.Usage) { m.last = u; m.sets++ }
func (m *meter) Subscribe(p *snapshot.UsagePlan, k snapshot.APIKey) {
	m.told = append(m.told, fmt.Sprintf("+%s %s %t", p.ID, k.ID, k.Enabled))
}
func (m *meter) Unsubscribe(p *snapshot.UsagePlan, value string) {
	m.told = append(m.told, fmt.Sprintf("-%s %s", p.ID, value))
}
func (m *meter) Days(*snapshot.UsagePlan, string, time.Time, time.Time) [][2]int64 {
	return [][2]int64{{3, m.remaining}}
}
func (m *meter) Usage(plan, key string) snapshot.KeyUsage {
	return snapshot.KeyUsage{PlanID: plan, KeyID: key, Granted: map[string]int64{"2026-03-04": m.remaining}}
}
func (m *meter) Changed() []snapshot.KeyUsage                          { c := m.changed; m.changed = nil; return c }
func (m *meter) Load(list []snapshot.KeyUsage)                         { m.loaded = list }
func (m *meter) SetRemaining(_ *snapshot.UsagePlan, _ string, n int64) { m.remaining = n }

type fixture struct {
	*testing.T
	c   *sdk.Client
	m   *meter
	svc *usage.Service
	db  *store.DB
	url string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t, m: &meter{remaining: 7}, db: db}
	svc := usage.New(usage.Config{
		DB: db, Meter: f.m, Now: func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) },
		StageExists: func(_ *store.Tx, _ store.Scope, api, stage string) bool { return api == "api" && stage == "dev" },
	})
	f.svc = svc
	srv := httptest.NewServer(awsapi.NewMux(&wire.Service, svc.Operations(), awsapi.Options{}))
	t.Cleanup(srv.Close)
	f.url = srv.URL
	f.c = sdk.New(sdk.Options{BaseEndpoint: aws.String(srv.URL), Region: "us-east-1", Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})})
	return f
}

func must[Out any](f *fixture) func(*Out, error) *Out {
	return func(out *Out, err error) *Out {
		f.Helper()
		if err != nil {
			f.Fatal(err)
		}
		return out
	}
}

func (f *fixture) refused(err error, code, message string) {
	f.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || api.ErrorMessage() != message {
		f.Errorf("got  %v\nwant %s: %s", err, code, message)
	}
}

func (f *fixture) key(name, value string, enabled bool) string {
	f.Helper()
	in := &sdk.CreateApiKeyInput{Name: &name, Enabled: enabled}
	if value != "" {
		in.Value = &value
	}
	return *must[sdk.CreateApiKeyOutput](f)(f.c.CreateApiKey(f.Context(), in)).Id
}

func ops(list ...string) []types.PatchOperation {
	var out []types.PatchOperation
	for i := 0; i < len(list); i += 3 {
		o := types.PatchOperation{Op: types.Op(list[i]), Path: &list[i+1]}
		if list[i+2] != "-" {
			o.Value = &list[i+2]
		}
		out = append(out, o)
	}
	return out
}

func TestKeys(t *testing.T) {
	f := newFixture(t)
	create := func(name, value string) error {
		_, err := f.c.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{Name: &name, Value: &value})
		return err
	}
	// AWS counts characters, not bytes.
	longest := f.key(strings.Repeat("ü", 1024), strings.Repeat("ü", 128), true)
	f.refused(create("x", strings.Repeat("ü", 19)), "BadRequestException", "API Key value should be at least 20 characters")
	f.refused(create("x", "short"), "BadRequestException", "API Key value should be at least 20 characters")
	f.refused(create("x", strings.Repeat("a", 129)), "BadRequestException", "API Key value exceeds maximum size of 128 characters")
	f.refused(create(strings.Repeat("a", 1025), ""), "BadRequestException", "Invalid API Key name, can be at most 1024 characters.")
	_, err := f.c.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{Description: aws.String(strings.Repeat("d", 125001))})
	f.refused(err, "BadRequestException", "Invalid API Key description specified.")
	one := f.key("alpha", "", false)
	two := f.key("Beta", strings.Repeat("b", 20), true)
	f.refused(create("x", strings.Repeat("b", 20)), "ConflictException", "API Key already exists")
	list := func(prefix string, values bool) (ids []string) {
		out := must[sdk.GetApiKeysOutput](f)(f.c.GetApiKeys(t.Context(), &sdk.GetApiKeysInput{NameQuery: &prefix, IncludeValues: &values}))
		for _, k := range out.Items {
			if (k.Value != nil) != values {
				t.Errorf("value shown: %v", k.Value)
			}
			ids = append(ids, *k.Id)
		}
		return ids
	}
	for prefix, want := range map[string][]string{"": {two, one, longest}, "al": {one}, "pha": nil, "AL": nil} {
		if diff := cmp.Diff(want, list(prefix, prefix == "")); diff != "" {
			t.Errorf("%q: %s", prefix, diff)
		}
	}
	out := must[sdk.UpdateApiKeyOutput](f)(f.c.UpdateApiKey(t.Context(), &sdk.UpdateApiKeyInput{ApiKey: &two, PatchOperations: ops("replace", "/enabled", "not-a-boolean")}))
	if out.Enabled || out.Tags == nil || out.Value != nil {
		t.Errorf("updated %+v", out)
	}
	_, err = f.c.UpdateApiKey(t.Context(), &sdk.UpdateApiKeyInput{ApiKey: &two, PatchOperations: ops("replace", "/nosuch", "x")})
	f.refused(err, "BadRequestException", "Invalid patch path  '/nosuch' specified for op 'replace'. Must be one of: [/description, /enabled, /name, /customerId]")
	_, err = f.c.GetApiKey(t.Context(), &sdk.GetApiKeyInput{ApiKey: aws.String("nosuch")})
	f.refused(err, "NotFoundException", "Invalid API Key identifier specified")
}

func TestPlans(t *testing.T) {
	f := newFixture(t)
	p := must[sdk.CreateUsagePlanOutput](f)(f.c.CreateUsagePlan(t.Context(), &sdk.CreateUsagePlanInput{Name: aws.String("p"), ApiStages: []types.ApiStage{{ApiId: aws.String("api"), Stage: aws.String("dev")}}}))
	update := func(list ...string) (*sdk.UpdateUsagePlanOutput, error) {
		return f.c.UpdateUsagePlan(t.Context(), &sdk.UpdateUsagePlanInput{UsagePlanId: p.Id, PatchOperations: ops(list...)})
	}
	out := must[sdk.UpdateUsagePlanOutput](f)(update("replace", "/throttle/burstLimit", "100", "replace", "/throttle/rateLimit", "200", "replace", "/quota/limit", "5000", "replace", "/quota/period", "MONTH",
		"replace", "/apiStages/api:dev/throttle/~1pets~1{id}/GET/rateLimit", "2.5"))
	if out.Throttle.BurstLimit != 100 || out.Throttle.RateLimit != 200 || out.Quota.Limit != 5000 || out.Quota.Offset != 0 || out.ApiStages[0].Throttle["/pets/{id}/GET"].RateLimit != 2.5 {
		t.Errorf("updated %+v", out)
	}
	_, err := update("add", "/apiStages", "-")
	f.refused(err, "BadRequestException", "Invalid API Stage specified")
	_, err = update("add", "/apiStages", "fakevalue")
	f.refused(err, "BadRequestException", "Invalid API Stage specified")
	for _, op := range []string{"add", "remove"} {
		_, err = update(op, "/apiStages", "api:other")
		f.refused(err, "NotFoundException", "Invalid API Stage {api: api, stage: other} specified for usageplan "+*p.Id)
	}
	_, err = f.c.UpdateUsagePlan(t.Context(), &sdk.UpdateUsagePlanInput{UsagePlanId: aws.String("nosuch")})
	f.refused(err, "NotFoundException", "Invalid Usage Plan ID specified")
	_, err = f.c.DeleteUsagePlan(t.Context(), &sdk.DeleteUsagePlanInput{UsagePlanId: p.Id})
	f.refused(err, "BadRequestException", "Cannot delete Usage Plan "+*p.Id+" because there are API Stages associated with it")

	key := f.key("k", "", true)
	pk := must[sdk.CreateUsagePlanKeyOutput](f)(f.c.CreateUsagePlanKey(t.Context(), &sdk.CreateUsagePlanKeyInput{UsagePlanId: p.Id, KeyId: &key, KeyType: aws.String("API_KEY")}))
	if *pk.Id != key || *pk.Type != "API_KEY" || *pk.Name != "k" || len(*pk.Value) != 40 {
		t.Errorf("plan key %+v", pk)
	}
	got := f.m.last.Plans[0]
	want := snapshot.UsagePlan{ID: *p.Id, Created: got.Created, Throttle: &snapshot.Throttle{Rate: 200, Burst: 100}, Quota: &snapshot.Quota{Limit: 5000, Period: "MONTH"},
		Stages: []snapshot.UsagePlanStage{{APIID: "api", Stage: "dev", Throttle: map[string]snapshot.Throttle{"/pets/{id}/GET": {Rate: 2.5}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	used := must[sdk.GetUsageOutput](f)(f.c.GetUsage(t.Context(), &sdk.GetUsageInput{UsagePlanId: p.Id, StartDate: aws.String("2026-03-04"), EndDate: aws.String("2026-03-04")}))
	if diff := cmp.Diff(map[string][][]int64{key: {{3, 7}}}, used.Items); diff != "" {
		t.Error(diff)
	}
	if _, err := f.c.UpdateUsage(t.Context(), &sdk.UpdateUsageInput{UsagePlanId: p.Id, KeyId: &key, PatchOperations: ops("replace", "/remaining", "10")}); err != nil || f.m.remaining != 10 {
		t.Errorf("%v, remaining %d", err, f.m.remaining)
	}
	if _, err := f.c.DeleteApiKey(t.Context(), &sdk.DeleteApiKeyInput{ApiKey: &key}); err != nil {
		t.Fatal(err)
	}
	for _, plan := range []string{*p.Id, "nosuch"} {
		keys := must[sdk.GetUsagePlanKeysOutput](f)(f.c.GetUsagePlanKeys(t.Context(), &sdk.GetUsagePlanKeysInput{UsagePlanId: &plan}))
		if len(keys.Items) != 0 {
			t.Errorf("%s has keys %+v", plan, keys.Items)
		}
	}
}

// Terraform does not escape the resource's path.
func TestMethodThrottlePaths(t *testing.T) {
	f := newFixture(t)
	plan := must[sdk.CreateUsagePlanOutput](f)(f.c.CreateUsagePlan(t.Context(), &sdk.CreateUsagePlanInput{
		Name: aws.String("gold"), ApiStages: []types.ApiStage{{ApiId: aws.String("api"), Stage: aws.String("dev")}}, Throttle: &types.ThrottleSettings{RateLimit: 9, BurstLimit: 9}}))
	for _, tc := range []struct{ path, method string }{
		{"~1pets~1{id}/GET", "/pets/{id}/GET"},
		{"/pets/{id}/POST", "/pets/{id}/POST"},
		{"pets/{id}/POST", "pets/{id}/POST"},
		{"pets/POST", "pets/POST"},
		{"//GET", "//GET"},
	} {
		op := func(op, member, value string) types.PatchOperation {
			return types.PatchOperation{Op: types.Op(op), Path: aws.String("/apiStages/api:dev/throttle/" + tc.path + member), Value: aws.String(value)}
		}
		update := func(ops ...types.PatchOperation) map[string]types.ThrottleSettings {
			return must[sdk.UpdateUsagePlanOutput](f)(f.c.UpdateUsagePlan(t.Context(), &sdk.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: ops})).ApiStages[0].Throttle
		}
		got := update(op("replace", "/rateLimit", "2.5"), op("replace", "/burstLimit", "3"))
		if served := f.m.last.Plans[0].Stages[0].Throttle; served["/"+strings.TrimPrefix(tc.method, "/")].Burst != 3 {
			t.Errorf("%s: served %v", tc.path, served)
		}
		if want := map[string]types.ThrottleSettings{tc.method: {RateLimit: 2.5, BurstLimit: 3}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", tc.path, got, want)
		}
		if left := update(op("remove", "", "")); len(left) != 0 {
			t.Errorf("%s: not removed: %v", tc.path, left)
		}
	}
}

func TestDistinctID(t *testing.T) {
	f := newFixture(t)
	create := func(body string) map[string]any {
		t.Helper()
		res, err := http.Post(f.url+"/apikeys", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var k map[string]any
		if err := json.NewDecoder(res.Body).Decode(&k); err != nil || res.StatusCode != http.StatusCreated {
			t.Fatalf("%d %v %v", res.StatusCode, k, err)
		}
		return k
	}
	for body, same := range map[string]bool{
		`{}`: false, `{"generateDistinctId":true}`: false, `{"generateDistinctId":false}`: true, `{"generateDistinctId":false,"value":"aaaaaaaaaaaaaaaaaaaa"}`: true,
	} {
		if k := create(body); (k["id"] == k["value"]) != same || len(k["value"].(string)) < 20 {
			t.Errorf("%s: %v", body, k)
		}
	}
}

func TestImportKeys(t *testing.T) {
	f := newFixture(t)
	p := must[sdk.CreateUsagePlanOutput](f)(f.c.CreateUsagePlan(t.Context(), &sdk.CreateUsagePlanInput{Name: aws.String("p")}))
	file := "Name,Key,Description,enabled,usageplanIds\none," + strings.Repeat("1", 20) + ",d,TRUE,\"" + *p.Id + "\"\ntwo,short,,FALSE,\n"
	out := must[sdk.ImportApiKeysOutput](f)(f.c.ImportApiKeys(t.Context(), &sdk.ImportApiKeysInput{Body: []byte(file), Format: types.ApiKeysFormatCsv}))
	if len(out.Ids) != 1 || len(out.Warnings) != 1 || out.Warnings[0] != "row 3: API Key value should be at least 20 characters" {
		t.Errorf("imported %+v", out)
	}
	if keys := f.m.last.Plans[0].KeyIDs; len(keys) != 1 || keys[0] != out.Ids[0] {
		t.Errorf("plan has %v", keys)
	}
	if _, err := f.c.ImportApiKeys(t.Context(), &sdk.ImportApiKeysInput{Body: []byte(file), Format: types.ApiKeysFormatCsv, FailOnWarnings: true}); err == nil {
		t.Error("imported with warnings")
	}
}

// AWS: rows and files may name a key again, and the last one counts; what a row leaves
// out has its default; the ids of plans stand in double or single quotes.
func TestImportKeysAgain(t *testing.T) {
	f := newFixture(t)
	one, two := f.plan("one"), f.plan("two")
	value := strings.Repeat("1", 20)
	imported := func(file string) *types.ApiKey {
		t.Helper()
		out := must[sdk.ImportApiKeysOutput](f)(f.c.ImportApiKeys(t.Context(), &sdk.ImportApiKeysInput{Body: []byte(file), Format: types.ApiKeysFormatCsv, FailOnWarnings: true}))
		keys := must[sdk.GetApiKeysOutput](f)(f.c.GetApiKeys(t.Context(), &sdk.GetApiKeysInput{IncludeValues: aws.Bool(true)})).Items
		if len(out.Ids) != 1 || len(keys) != 1 || out.Ids[0] != *keys[0].Id {
			t.Fatalf("imported %v, there are %d keys", out.Ids, len(keys))
		}
		return &keys[0]
	}
	first := imported("\xef\xbb\xbfName,key,description,enabled,usageplanIds\nfirst," + value + ",d\n")
	if aws.ToString(first.Name) != "first" || !first.Enabled {
		t.Errorf("first %+v", first)
	}
	second := imported("enabled,usageplanIds,key,name\ntrue,," + value + ",between\nFALSE,'" + one + "," + two + "'," + value + ",second\n")
	if aws.ToString(second.Name) != "second" || second.Enabled || second.Description != nil || *second.Id != *first.Id || *second.Value != value {
		t.Errorf("second %+v", second)
	}
	third := imported("key,usageplanIds\n" + value + ",\"" + one + "\"\n")
	if in := f.m.last.Plans; !slices.Equal(in[0].KeyIDs, []string{*third.Id}) || !slices.Equal(in[1].KeyIDs, []string{*third.Id}) {
		t.Errorf("plans have %v", in)
	}
}
