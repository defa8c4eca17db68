package usage

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// importApiKeys makes keys of a CSV file with the columns Name, key, description,
// Enabled and usageplanIds, in any order and case; only key is required.
func (s *Service) importApiKeys(ctx context.Context, in *wire.ImportApiKeysInput) (*wire.ApiKeyIds, error) {
	rows, err := csv.NewReader(bytes.NewReader(in.Body)).ReadAll()
	if err != nil || len(rows) == 0 {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("Failed to parse the API key file")
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	if _, ok := column["key"]; !ok {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("The API key file has no column key")
	}
	return editPlans(ctx, s, func(tx *txn) (*wire.ApiKeyIds, error) {
		out := &wire.ApiKeyIds{Ids: []string{}, Warnings: []string{}}
		for i, row := range rows[1:] {
			cell := func(name string) string {
				if at, ok := column[name]; ok && at < len(row) {
					return strings.TrimSpace(row[at])
				}
				return ""
			}
			if err := tx.importKey(cell, out); err != nil {
				if awsapi.Val(in.FailOnWarnings) {
					return nil, err
				}
				out.Warnings = append(out.Warnings, fmt.Sprintf("row %d: %s", i+2, awsapi.MessageOf(err)))
			}
		}
		return out, nil
	})
}

func (tx *txn) importKey(cell func(string) string, out *wire.ApiKeyIds) error {
	now := tx.s.Now()
	k := &APIKey{
		ID: tx.s.NewID(10), Value: cell("key"), Name: cell("name"), Description: cell("description"),
		Enabled: cell("enabled") == "" || strings.EqualFold(cell("enabled"), "true"), CreatedDate: now, LastUpdatedDate: now,
	}
	if err := tx.putKey(k); err != nil {
		return err
	}
	out.Ids = append(out.Ids, k.ID)
	for id := range strings.SplitSeq(cell("usageplanids"), ",") {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		p, err := tx.usagePlan(&id)
		if err != nil {
			return err
		}
		if err := tx.checkSubscription(p, k.ID); err != nil {
			return err
		}
		planKeys.Put(tx.Tx, tx.scope, id+"/"+k.ID, &UsagePlanKey{PlanID: id, KeyID: k.ID})
	}
	return nil
}
