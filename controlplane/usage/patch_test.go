package usage_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"
)

// patchRow is one PATCH of one operation and a part of the answer, or the refusal's
// text after its code, or with a leading ! what the answer must not have.
type patchRow struct{ op, path, value, want string }

func (f *fixture) patch(rows []patchRow, update func([]types.PatchOperation) (any, error)) {
	f.Helper()
	for _, r := range rows {
		out, err := update(ops(r.op, r.path, r.value))
		var refused smithy.APIError
		if errors.As(err, &refused) {
			if got := refused.ErrorCode() + ": " + refused.ErrorMessage(); got != r.want {
				f.Errorf("%s %s %q\ngot  %s\nwant %s", r.op, r.path, r.value, got, r.want)
			}
			continue
		}
		text, jsonErr := json.Marshal(out)
		if jsonErr != nil || err != nil {
			f.Fatal(err, jsonErr)
		}
		want, absent := strings.CutPrefix(r.want, "!")
		if strings.Contains(string(text), want) == absent {
			f.Errorf("%s %s %q\ngot  %s\nwant %s", r.op, r.path, r.value, text, r.want)
		}
	}
}

func TestPatchApiKey(t *testing.T) {
	f := newFixture(t)
	key := f.key("k", "", true)
	const only = "BadRequestException: Invalid patch path  '"
	f.patch([]patchRow{
		{"replace", "/name", "n", `"Name":"n"`}, {"replace", "/description", "d", `"Description":"d"`}, {"replace", "/customerId", "c", `"CustomerId":"c"`},
		{"replace", "/enabled", "not-a-boolean", `"Enabled":false`}, {"replace", "/enabled", "TRUE", `"Enabled":true`},
		{"replace", "/name", strings.Repeat("n", 1025), "BadRequestException: Invalid API Key name, can be at most 1024 characters."},
		{"add", "/stages", "api/dev", `"StageKeys":["api/dev"]`}, {"remove", "/stages", "api/dev", `"StageKeys":[]`}, {"add", "/stages", "api/other", "BadRequestException: Invalid stage identifier specified"},
		{"add", "/labels", "l", `"Name":"n"`}, {"remove", "/labels", "l", `"Name":"n"`},
		{"add", "/name", "x", only + "/name' specified for op 'add'. Please choose supported operations"},
		{"replace", "/stages", "x", only + "/stages' specified for op 'replace'. Please choose supported operations"},
		{"replace", "/value", "x", only + "/value' specified for op 'replace'. Must be one of: [/description, /enabled, /name, /customerId]"},
	}, func(o []types.PatchOperation) (any, error) {
		return f.c.UpdateApiKey(t.Context(), &sdk.UpdateApiKeyInput{ApiKey: &key, PatchOperations: o})
	})
}

func TestPatchUsagePlan(t *testing.T) {
	f := newFixture(t)
	plan := f.plan("p")
	const bad = "BadRequestException: Invalid patch operation specified. Must be one of: ["
	f.patch([]patchRow{
		{"replace", "/name", "n", `"Name":"n"`}, {"replace", "/name", "", "BadRequestException: Usage Plan name must be non-empty"}, {"add", "/name", "x", bad + "replace]"},
		{"replace", "/description", "d", `"Description":"d"`}, {"remove", "/description", "-", bad + "replace]"},
		{"add", "/productCode", "a", `"ProductCode":"a"`}, {"replace", "/productCode", "b", `"ProductCode":"b"`}, {"remove", "/productCode", "-", `"ProductCode":null`},
		{"replace", "/throttle/rateLimit", "NaN", "BadRequestException: Invalid value specified for throttle/rateLimit: NaN"}, {"replace", "/throttle/rateLimit", "Inf", "BadRequestException: Invalid value specified for throttle/rateLimit: Inf"},
		{"add", "/throttle/rateLimit", "1.5", `"RateLimit":1.5`}, {"replace", "/throttle/burstLimit", "9", `"BurstLimit":9`}, {"replace", "/throttle/burstLimit", "x", "BadRequestException: Invalid value specified for throttle/burstLimit: x"},
		{"remove", "/throttle/rateLimit", "-", bad + "add, replace]"}, {"remove", "/throttle", "-", `"Throttle":null`}, {"replace", "/throttle", "x", bad + "remove]"},
		{"add", "/quota/limit", "5", `"Quota":{"Limit":5,"Offset":0,"Period":"MONTH"}`}, {"replace", "/quota/offset", "7", `"Offset":7`},
		{"replace", "/quota/period", "WEEK", "BadRequestException: Usage Plan quota offset must be between 0 and 6 inclusive in the WEEK period"},
		{"replace", "/quota/offset", "0", `"Offset":0`}, {"replace", "/quota/period", "DAY", `"Period":"DAY"`},
		{"replace", "/quota/offset", "-1", "BadRequestException: Usage Plan quota offset must be between 0 and 0 inclusive in the DAY period"},
		{"replace", "/quota/period", "YEAR", "BadRequestException: Invalid Usage Plan quota period specified. Must be one of [DAY, WEEK, MONTH]"}, {"replace", "/quota/limit", "0", "BadRequestException: Usage Plan quota limit must be a non-negative numeric"},
		{"remove", "/quota", "-", `"Quota":null`}, {"replace", "/nosuch", "x", "BadRequestException: Invalid patch path /nosuch"},
		{"add", "/apiStages", "api:dev", `"ApiStages":[{"ApiId":"api","Stage":"dev"`}, {"add", "/apiStages", "api:dev", `"ApiStages":[{"ApiId":"api","Stage":"dev","Throttle":null}]`},
		{"add", "/apiStages", "-", "BadRequestException: Invalid API Stage specified"}, {"remove", "/apiStages", "nocolon", "BadRequestException: Invalid API Stage specified"},
		{"add", "/apiStages", "api:other", "NotFoundException: Invalid API Stage {api: api, stage: other} specified for usageplan " + plan},
		{"replace", "/apiStages", "api:dev", bad + "add, remove]"},
		{"replace", "/apiStages/api:dev/throttle/~1pets/GET/rateLimit", "2", "BadRequestException: Can not define fine grain throttling if usage plan throttle is not defined."},
		{"replace", "/throttle/rateLimit", "5", `"RateLimit":5`},
		{"replace", "/apiStages/api:dev/throttle/~1pets/GET/rateLimit", "2", `"/pets/GET":{"BurstLimit":0,"RateLimit":2}`}, {"add", "/apiStages/api:dev/throttle/~1pets/GET/burstLimit", "3", `"/pets/GET":{"BurstLimit":3,"RateLimit":2}`},
		{"replace", "/apiStages/api:other/throttle/~1pets/GET/rateLimit", "2", "NotFoundException: Invalid API Stage {api: api, stage: other} specified for usageplan " + plan},
		{"remove", "/apiStages/api:dev/throttle/~1pets/GET", "-", `!"/pets/GET"`}, {"remove", "/apiStages/api:dev/throttle", "-", `"Throttle":null}]`},
		{"remove", "/apiStages", "api:dev", `"ApiStages":[]`},
	}, func(o []types.PatchOperation) (any, error) {
		return f.c.UpdateUsagePlan(t.Context(), &sdk.UpdateUsagePlanInput{UsagePlanId: &plan, PatchOperations: o})
	})
}

func TestPatchUsage(t *testing.T) {
	f := newFixture(t)
	key, plan := f.key("k", "", true), f.plan("p")
	if err := f.subscribe(plan, key); err != nil {
		t.Fatal(err)
	}
	update := func(o []types.PatchOperation) (any, error) {
		return f.c.UpdateUsage(t.Context(), &sdk.UpdateUsageInput{UsagePlanId: &plan, KeyId: &key, PatchOperations: o})
	}
	f.patch([]patchRow{{"replace", "/remaining", "1", "BadRequestException: Usage Plan " + plan + " has no quota"}}, update)
	must[sdk.UpdateUsagePlanOutput](f)(f.c.UpdateUsagePlan(t.Context(), &sdk.UpdateUsagePlanInput{UsagePlanId: &plan, PatchOperations: ops("add", "/quota/limit", "5")}))
	f.patch([]patchRow{
		{"replace", "/remaining", "4", `[[3,4]]`}, {"replace", "/remaining", "-1", "BadRequestException: Invalid value specified for remaining: -1"},
		{"add", "/remaining", "1", "BadRequestException: Invalid patch path  '/remaining' specified for op 'add'. Please choose supported operations"},
		{"replace", "/used", "1", "BadRequestException: Invalid patch path  '/used' specified for op 'replace'. Must be one of: [/remaining]"},
	}, update)
	_, err := f.c.UpdateUsage(t.Context(), &sdk.UpdateUsageInput{UsagePlanId: &plan, KeyId: &key, PatchOperations: ops("replace", "/remaining", "2", "replace", "/used", "1")})
	f.refused(err, "BadRequestException", "Invalid patch path  '/used' specified for op 'replace'. Must be one of: [/remaining]")
	if f.m.remaining != 4 {
		t.Errorf("a refused PATCH left %d requests", f.m.remaining)
	}
	for _, tc := range []struct{ first, last, want string }{
		{"2026-01-01", "2026-03-31", ""}, {"2026-01-01", "2026-04-01", "x"}, {"2026-01-02", "2026-01-01", "x"}, {"today", "2026-01-01", "x"},
	} {
		_, err := f.c.GetUsage(t.Context(), &sdk.GetUsageInput{UsagePlanId: &plan, StartDate: aws.String(tc.first), EndDate: aws.String(tc.last)})
		if tc.want == "" && err != nil {
			t.Errorf("%+v: %v", tc, err)
		} else if tc.want != "" {
			f.refused(err, "BadRequestException", "Invalid date range specified: dates are YYYY-MM-DD and at most 90 days apart")
		}
	}
}
