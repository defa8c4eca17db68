package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
)

// model is the part of a botocore service-2.json that the generator reads.
type model struct {
	Metadata   metadata             `json:"metadata"`
	Operations map[string]operation `json:"operations"`
	Shapes     map[string]*shape    `json:"shapes"`
}

type metadata struct {
	APIVersion     string `json:"apiVersion"`
	EndpointPrefix string `json:"endpointPrefix"`
	Protocol       string `json:"protocol"`
	JSONVersion    string `json:"jsonVersion"`
	TargetPrefix   string `json:"targetPrefix"`
	XMLNamespace   string `json:"xmlNamespace"`
	ServiceID      string `json:"serviceId"`
	UID            string `json:"uid"`
	// QueryCompatible is there for services that once spoke the query protocol:
	// their errors have a code of that time beside their name.
	QueryCompatible *struct{} `json:"awsQueryCompatible"`
}

type operation struct {
	Name string `json:"name"`
	HTTP struct {
		Method string `json:"method"`
		URI    string `json:"requestUri"`
		Status int    `json:"responseCode"`
	} `json:"http"`
	Input  *ref  `json:"input"`
	Output *ref  `json:"output"`
	Errors []ref `json:"errors"`
}

type ref struct {
	Shape         string   `json:"shape"`
	Location      string   `json:"location"`
	LocationName  string   `json:"locationName"`
	ResultWrapper string   `json:"resultWrapper"`
	Enum          []string `json:"enum"`
}

type shape struct {
	Type            string   `json:"type"`
	Members         members  `json:"members"`
	Required        []string `json:"required"`
	Payload         string   `json:"payload"`
	Member          *ref     `json:"member"`
	Key             *ref     `json:"key"`
	Value           *ref     `json:"value"`
	Enum            []string `json:"enum"`
	Pattern         string   `json:"pattern"`
	Min             *float64 `json:"min"`
	Max             *float64 `json:"max"`
	TimestampFormat string   `json:"timestampFormat"`
	Document        bool     `json:"document"`
	Eventstream     bool     `json:"eventstream"`
	Exception       bool     `json:"exception"`
	Error           struct {
		Code   string `json:"code"`
		Status int    `json:"httpStatusCode"`
	} `json:"error"`
}

// members keeps the model's order: AWS reports constraint violations in it.
type members []member

type member struct {
	Name string
	ref
}

func (m *members) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		mem := member{Name: key.(string)}
		if err := dec.Decode(&mem.ref); err != nil {
			return err
		}
		*m = append(*m, mem)
	}
	return nil
}

func loadModel(dir string, sc serviceConfig) (*model, error) {
	found, err := filepath.Glob(filepath.Join(dir, sc.Model, "*", "service-2.json.gz"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("no service-2.json.gz under %s", filepath.Join(dir, sc.Model))
	}
	sort.Strings(found)
	f, err := os.Open(found[len(found)-1])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	m := new(model)
	if err := json.NewDecoder(zr).Decode(m); err != nil {
		return nil, err
	}
	for name, order := range sc.EnumOrder {
		if m.Shapes[name] == nil {
			return nil, fmt.Errorf("enumOrder names unknown shape %s", name)
		}
		m.Shapes[name].Enum = order
	}
	for name, pattern := range sc.Pattern {
		if m.Shapes[name] == nil {
			return nil, fmt.Errorf("pattern names unknown shape %s", name)
		}
		m.Shapes[name].Pattern = pattern
	}
	for name, length := range sc.MaxLength {
		if m.Shapes[name] == nil {
			return nil, fmt.Errorf("maxLength names unknown shape %s", name)
		}
		m.Shapes[name].Max = &length
	}
	return m, nil
}
