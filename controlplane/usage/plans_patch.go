package usage

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/patch"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

type planPatch struct {
	tx *txn
	p  *UsagePlan
}

var planPatches = patch.Table[planPatch]{Family: patch.Bare, Rules: []patch.Rule[planPatch]{
	patch.Text("/name", func(r planPatch) *string { return &r.p.Name }),
	patch.Text("/description", func(r planPatch) *string { return &r.p.Description }),
	{Path: "/productCode", Ops: patch.AddReplaceRemove, Apply: func(r planPatch, p patch.Op) error {
		r.p.ProductCode = p.Value
		if p.Op == "remove" {
			r.p.ProductCode = ""
		}
		return nil
	}},
	{Path: "/apiStages", Ops: patch.AddRemove, Apply: patchStages},
	{Path: "/apiStages/{}/throttle/{}/{}/rateLimit", Ops: patch.AddReplace, Apply: patchMethodThrottle},
	{Path: "/apiStages/{}/throttle/{}/{}/burstLimit", Ops: patch.AddReplace, Apply: patchMethodThrottle},
	{Path: "/apiStages/{}/throttle/{}/{}", Ops: patch.Remove, Apply: patchMethodThrottle},
	{Path: "/apiStages/{}/throttle", Ops: patch.Remove, Apply: patchMethodThrottle},
	{Path: "/throttle", Ops: patch.Remove, Apply: func(r planPatch, _ patch.Op) error {
		r.p.Throttle = nil
		return nil
	}},
	{Path: "/throttle/rateLimit", Ops: patch.AddReplace, Apply: func(r planPatch, p patch.Op) error { return r.throttle().set(p) }},
	{Path: "/throttle/burstLimit", Ops: patch.AddReplace, Apply: func(r planPatch, p patch.Op) error { return r.throttle().set(p) }},
	{Path: "/quota", Ops: patch.Remove, Apply: func(r planPatch, _ patch.Op) error {
		r.p.Quota = nil
		return nil
	}},
	{Path: "/quota/limit", Ops: patch.AddReplace, Apply: func(r planPatch, p patch.Op) error { return setInt(&r.quota().Limit, p) }},
	{Path: "/quota/offset", Ops: patch.AddReplace, Apply: func(r planPatch, p patch.Op) error { return setInt(&r.quota().Offset, p) }},
	{Path: "/quota/period", Ops: patch.AddReplace, Apply: func(r planPatch, p patch.Op) error {
		r.quota().Period = p.Value
		return nil
	}},
}}

func (r planPatch) throttle() *Throttle {
	if r.p.Throttle == nil {
		r.p.Throttle = &Throttle{}
	}
	return r.p.Throttle
}

// quota gives the plan's quota, made on first use. unverified against AWS: the
// period of a quota of which only the limit was set.
func (r planPatch) quota() *Quota {
	if r.p.Quota == nil {
		r.p.Quota = &Quota{Period: "MONTH"}
	}
	return r.p.Quota
}

func setInt(member *int, p patch.Op) error {
	n, err := strconv.Atoi(p.Value)
	if err != nil {
		return errValue(p)
	}
	*member = n
	return nil
}

// unverified against AWS: the text.
func errValue(p patch.Op) error {
	return awsapi.BadRequest("Invalid value specified for %s: %s", strings.TrimPrefix(p.Path, "/"), p.Value)
}

// set changes the member that the path ends in.
func (t *Throttle) set(p patch.Op) error {
	if strings.HasSuffix(p.Path, "/burstLimit") {
		return setInt(&t.Burst, p)
	}
	f, err := strconv.ParseFloat(p.Value, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return errValue(p)
	}
	t.Rate = f
	return nil
}

// patchStages adds or removes "{apiId}:{stage}".
func patchStages(r planPatch, p patch.Op) error {
	api, stage, ok := strings.Cut(p.Value, ":")
	if !ok {
		return awsapi.BadRequest("Invalid API Stage specified")
	}
	at := r.p.stageAt(api, stage)
	if p.Op == "remove" {
		if at < 0 {
			return errPlanStage(api, stage, r.p.ID)
		}
		r.p.Stages = slices.Delete(r.p.Stages, at, at+1)
		return nil
	}
	if !r.tx.s.StageExists(r.tx.Tx, r.tx.scope, api, stage) {
		return errPlanStage(api, stage, r.p.ID)
	}
	if at >= 0 {
		return nil
	}
	r.p.Stages = append(r.p.Stages, PlanStage{APIID: api, Stage: stage})
	return r.tx.checkOverlaps(r.p)
}

func (p *UsagePlan) stageAt(api, stage string) int {
	return slices.IndexFunc(p.Stages, func(s PlanStage) bool { return s.APIID == api && s.Stage == stage })
}

// escapeMethods escapes the resource's path in paths to the throttle of a method.
// AWS takes it as it is, too, and so Terraform writes it: …/throttle//pets/{id}/GET.
func escapeMethods(ops []wire.PatchOperation) []wire.PatchOperation {
	ops = slices.Clone(ops)
	for i, o := range ops {
		stage, method, ok := strings.Cut(awsapi.Val(o.Path), "/throttle/")
		if !ok {
			continue
		}
		member := ""
		for _, m := range []string{"/rateLimit", "/burstLimit"} {
			if rest, ok := strings.CutSuffix(method, m); ok {
				method, member = rest, m
			}
		}
		at := strings.LastIndex(method, "/")
		if at < 0 || !strings.Contains(method[:at], "/") {
			continue
		}
		resource := strings.NewReplacer("~", "~0", "/", "~1").Replace(method[:at])
		ops[i].Path = awsapi.Ptr(stage + "/throttle/" + resource + method[at:] + member)
	}
	return ops
}

// maxMethodThrottles is how many methods of one stage a plan can throttle.
const maxMethodThrottles = 20

// unverified against AWS: the text.
func errMethodThrottles(stage string) error {
	return awsapi.Errorf("LimitExceededException", "API Stage %s can have at most %d method throttles", stage, maxMethodThrottles)
}

// patchMethodThrottle changes the throttle of one method of a stage, or removes it,
// or all of the stage's.
func patchMethodThrottle(r planPatch, p patch.Op) error {
	api, stage, _ := strings.Cut(p.Arg(), ":")
	at := r.p.stageAt(api, stage)
	if at < 0 {
		return errPlanStage(api, stage, r.p.ID)
	}
	st := &r.p.Stages[at]
	if strings.HasSuffix(p.Path, "/throttle") {
		st.Throttle = nil
		return nil
	}
	method := p.ArgAt(1) + "/" + p.ArgAt(2)
	if p.Op == "remove" {
		delete(st.Throttle, method)
		return nil
	}
	if st.Throttle == nil {
		st.Throttle = map[string]*Throttle{}
	}
	if st.Throttle[method] == nil {
		if len(st.Throttle) >= maxMethodThrottles {
			return errMethodThrottles(p.Arg())
		}
		st.Throttle[method] = &Throttle{}
	}
	return st.Throttle[method].set(p)
}
