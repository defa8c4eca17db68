package rest

import (
	"encoding/json"
	"strings"

	"github.com/postern/postern/runtime/event"
)

// methodARN names the request for policies: its own verb and path, not the
// resource's.
func (c *call) methodARN() string {
	rc := c.rc
	return "arn:aws:execute-api:" + rc.Region + ":" + rc.AccountID + ":" + rc.APIID + "/" + rc.Stage + "/" + rc.Method + "/" + strings.TrimLeft(rc.RoutePath, "/")
}

// event is what an authorizer's function gets: a token alone, or the request without
// its body.
func (l *lambdaAuthorizer) event(c *call, arn string, identity []string) ([]byte, error) {
	if l.token {
		return json.Marshal(struct {
			Type  string `json:"type"`
			ARN   string `json:"methodArn"`
			Token string `json:"authorizationToken"`
		}{"TOKEN", arn, identity[0]})
	}
	in := event.Input{Header: eventHeader(c), Query: c.rc.Query(), Path: c.eventPath()}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(event.AppendREST(nil, c.rc, &in), &members); err != nil {
		return nil, err
	}
	delete(members, "body")
	delete(members, "isBase64Encoded")
	for name, v := range members {
		if string(v) == "null" {
			// AWS: maps that are null in a proxy event are empty here.
			members[name] = json.RawMessage("{}")
		}
	}
	var err error
	members["type"] = json.RawMessage(`"REQUEST"`)
	if members["methodArn"], err = json.Marshal(arn); err != nil {
		return nil, err
	}
	return json.Marshal(members)
}
