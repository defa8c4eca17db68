package usage

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// importApiKeys makes keys of a CSV file with the columns Name, key, description,
// Enabled and usageplanIds, in any order and case; only key is required.
//
// AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html
func (s *Service) importApiKeys(ctx context.Context, in *wire.ImportApiKeysInput) (*wire.ApiKeyIds, error) {
	rows, err := keyRows(in.Body)
	if err != nil {
		return nil, err
	}
	return editPlans(ctx, s, func(tx *txn) (*wire.ApiKeyIds, error) {
		out := &wire.ApiKeyIds{Ids: []string{}, Warnings: []string{}}
		for i, row := range rows {
			if err := tx.importKey(row, out); err != nil {
				if awsapi.Val(in.FailOnWarnings) {
					return nil, err
				}
				out.Warnings = append(out.Warnings, fmt.Sprintf("row %d: %s", i+2, awsapi.MessageOf(err)))
			}
		}
		return out, nil
	})
}

// keyRow has the cells of one row by the lower-case names of their columns.
type keyRow map[string]string

// keyRows reads a file. A row may be short of cells: they count as empty.
func keyRows(file []byte) ([]keyRow, error) {
	// Spreadsheets begin their files with a byte order mark.
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))))
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	if err != nil || len(records) == 0 {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("Failed to parse the API key file")
	}
	names := make([]string, len(records[0]))
	for i, name := range records[0] {
		names[i] = strings.ToLower(strings.TrimSpace(name))
	}
	if !slices.Contains(names, "key") {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("The API key file has no column key")
	}
	rows := make([]keyRow, len(records)-1)
	for i, record := range records[1:] {
		rows[i] = keyRow{}
		record = joinQuoted(record)
		for j, cell := range record[:min(len(record), len(names))] {
			rows[i][names[j]] = cell
		}
	}
	return rows, nil
}

// joinQuoted puts cells together that single quotes hold together. AWS takes them, too,
// around the ids of usage plans.
func joinQuoted(record []string) []string {
	var out []string
	for i := 0; i < len(record); i++ {
		cell, end := strings.TrimSpace(record[i]), -1
		if strings.HasPrefix(cell, "'") {
			end = slices.IndexFunc(record[i:], func(c string) bool {
				c = strings.TrimSpace(c)
				return strings.HasSuffix(c, "'") && c != "'"
			})
		}
		if end >= 0 {
			cell = strings.Trim(strings.TrimSpace(strings.Join(record[i:i+end+1], ",")), "'")
			i += end
		}
		out = append(out, cell)
	}
	return out
}

func (tx *txn) importKey(row keyRow, out *wire.ApiKeyIds) error {
	k, err := tx.importedKey(row)
	if err != nil {
		return err
	}
	if !slices.Contains(out.Ids, k.ID) {
		out.Ids = append(out.Ids, k.ID)
	}
	for id := range strings.SplitSeq(row["usageplanids"], ",") {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		p, err := tx.usagePlan(&id)
		if err != nil {
			return err
		}
		if _, in := planKeys.Get(tx.Tx, tx.scope, id+"/"+k.ID); in {
			continue
		}
		if err := tx.checkSubscription(p, k.ID); err != nil {
			return err
		}
		planKeys.Put(tx.Tx, tx.scope, id+"/"+k.ID, &UsagePlanKey{PlanID: id, KeyID: k.ID})
	}
	return nil
}

// importedKey makes the key of a row. AWS: the key that has the value already is the
// same one, and what the row says of it is laid over it.
func (tx *txn) importedKey(row keyRow) (*APIKey, error) {
	k := &APIKey{
		ID: tx.s.NewID(10), Value: row["key"], Name: row["name"], Description: row["description"],
		Enabled: row["enabled"] == "" || strings.EqualFold(row["enabled"], "true"), CreatedDate: tx.s.Now(), LastUpdatedDate: tx.s.Now(),
	}
	id, known := keyValues.Get(tx.Tx, tx.scope, k.Value)
	if !known {
		return k, tx.putKey(k)
	}
	if err := k.check(); err != nil {
		return nil, err
	}
	have, _ := apiKeys.Edit(tx.Tx, tx.scope, *id)
	have.Name, have.Description, have.Enabled, have.LastUpdatedDate = k.Name, k.Description, k.Enabled, k.LastUpdatedDate
	return have, nil
}
