package recorder

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// attribute is a message's attribute.
type attribute struct {
	StringValue string `xml:",omitempty" json:",omitempty"`
	BinaryValue string `xml:",omitempty" json:",omitempty"` // in base64
	DataType    string
}

// attributes reads message attributes, in the protocol of the call; the member is as
// the query protocol names it.
func (in *request) attributes(member string) map[string]attribute {
	out := map[string]attribute{}
	if in.form != nil {
		for i := 1; ; i++ {
			prefix := fmt.Sprintf("%s.%d.", member, i)
			name := in.form.Get(prefix + "Name")
			if name == "" {
				return out
			}
			value := func(part string) string { return in.form.Get(prefix + "Value." + part) }
			out[name] = attribute{value("StringValue"), value("BinaryValue"), value("DataType")}
		}
	}
	list, _ := in.json[member+"s"].(map[string]any)
	for name, v := range list {
		members, _ := v.(map[string]any)
		value := func(part string) string {
			s, _ := members[part].(string)
			return s
		}
		out[name] = attribute{value("StringValue"), value("BinaryValue"), value("DataType")}
	}
	return out
}

// chosen gives the attributes that a receiver asks for: by name, by "prefix.*", or all.
func chosen(all map[string]attribute, names []string) map[string]attribute {
	out := map[string]attribute{}
	for name, a := range all {
		for _, want := range names {
			prefix, wild := strings.CutSuffix(want, ".*")
			if want == name || want == "All" || wild && strings.HasPrefix(name, prefix) {
				out[name] = a
			}
		}
	}
	return out
}

// systemAttributes and messageAttributes are lists in XML and objects in JSON.
type (
	systemAttribute   struct{ Name, Value string }
	systemAttributes  []systemAttribute
	messageAttributes []messageAttribute
	messageAttribute  struct {
		Name  string
		Value attribute
	}
)

// MarshalJSON writes an object.
func (list systemAttributes) MarshalJSON() ([]byte, error) {
	out := map[string]string{}
	for _, a := range list {
		out[a.Name] = a.Value
	}
	return json.Marshal(out)
}

// MarshalJSON writes an object.
func (list messageAttributes) MarshalJSON() ([]byte, error) {
	out := map[string]attribute{}
	for _, a := range list {
		out[a.Name] = a.Value
	}
	return json.Marshal(out)
}

func sorted(all map[string]attribute) messageAttributes {
	var out messageAttributes
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, messageAttribute{name, all[name]})
	}
	return out
}

// published is the result of SNS's Publish.
type published struct {
	MessageID string `xml:"MessageId" json:"MessageId"`
}

func (in *request) publish() reply {
	result := &published{newID()}
	if in.form == nil {
		return in.ok(result)
	}
	return queryAnswer(in.Action, "http://sns.amazonaws.com/doc/2010-03-31/", result)
}

func digest(b []byte) string {
	sum := md5.Sum(b)
	return hex.EncodeToString(sum[:])
}

// attributesDigest is SQS's documented digest of message attributes: of each, in the
// order of the names, name, type and value, each behind its length. There is none of
// no attributes.
func attributesDigest(all map[string]attribute) string {
	if len(all) == 0 {
		return ""
	}
	var b []byte
	add := func(v []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, v...)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := all[name]
		add([]byte(name))
		add([]byte(a.DataType))
		if strings.HasPrefix(a.DataType, "Binary") {
			b = append(b, 2)
			// What is no base64 has no bytes.
			value, _ := base64.StdEncoding.DecodeString(a.BinaryValue)
			add(value)
			continue
		}
		b = append(b, 1)
		add([]byte(a.StringValue))
	}
	return digest(b)
}
