package apigatewayv2

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/internal/lazyregexp"
	"github.com/postern/postern/runtime/snapshot"
)

// checkParameters tests the mapping of an integration, both ways.
func (s *Service) checkParameters(i *Integration) error {
	for _, key := range slices.Sorted(maps.Keys(i.RequestParameters)) {
		var err error
		if i.Subtype != "" {
			err = s.checkServiceParameter(i.Subtype, key, i.RequestParameters[key])
		} else {
			err = s.checkMapping(requestSide, key, i.RequestParameters[key])
		}
		if err != nil {
			return err
		}
	}
	for _, code := range slices.Sorted(maps.Keys(i.ResponseParameters)) {
		if !statusCode(code) {
			return errStatusCode(code)
		}
		mapped := i.ResponseParameters[code]
		for _, key := range slices.Sorted(maps.Keys(mapped)) {
			if err := s.checkMapping(responseSide, key, mapped[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// side is one direction of a mapping.
type side struct {
	name         string
	response     bool
	destinations func() *regexp.Regexp
}

// A header's name is a token of HTTP.
var (
	requestSide = &side{"Request", false,
		lazyregexp.New("^((append|overwrite|remove):(header\\.[!#$%&'*+.^_`|~0-9A-Za-z-]+|querystring\\..+)|overwrite:path)$")}
	responseSide = &side{"Response", true,
		lazyregexp.New("^((append|overwrite|remove):header\\.[!#$%&'*+.^_`|~0-9A-Za-z-]+|overwrite:statuscode)$")}
)

func (s *Service) checkMapping(to *side, key, value string) error {
	if !to.destinations().MatchString(key) {
		return errMapping("Invalid " + to.name + " Actioned Parameter destination specified: " + key)
	}
	if _, header, ok := strings.Cut(key, ":header."); ok && reserved(header) {
		return errMapping("Operations on header " + header + " are restricted")
	}
	if key == "overwrite:statuscode" && !strings.Contains(value, "$") && !statusCode(value) {
		return errStatusCode(value) // unverified against AWS: that it is looked at here
	}
	if strings.HasPrefix(key, "remove:") {
		return nil
	}
	return s.checkExpression(value, to.response)
}

func (s *Service) checkServiceParameter(subtype, name, value string) error {
	operation := snapshot.ServiceSubtypes[subtype]
	if !slices.Contains(operation.Required, name) && !slices.Contains(operation.Optional, name) {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Parameter: %s does not fit schema for Operation: %s.", name, subtype)
	}
	return s.checkExpression(value, false)
}

// checkExpression asks the data plane whether it can read a value.
func (s *Service) checkExpression(value string, response bool) error {
	if s.cfg.CheckMapping == nil || s.cfg.CheckMapping(value, response) == nil {
		return nil
	}
	return errMapping("Invalid mapping expression parameter specified: " + value)
}

// errMapping refuses a mapping expression.
//
// unverified against AWS: the words inside the brackets, where they are no destination's.
func errMapping(problem string) error {
	return awsapi.BadRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [%s]", problem)
}

func errStatusCode(code string) error { return errMapping("Status Code " + code + " is not valid.") }

func statusCode(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 200 && n <= 599
}

// reservedHeaders cannot be mapped, in either direction.
var reservedHeaders = []string{
	"authorization", "connection", "content-encoding", "content-length", "content-location", "forwarded", "keep-alive", "origin",
	"proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding", "upgrade",
	"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via",
}

var reservedPrefixes = []string{"access-control-", "apigw-", "x-amz-", "x-amzn-"}

func reserved(header string) bool {
	name := strings.ToLower(header)
	return slices.Contains(reservedHeaders, name) ||
		slices.ContainsFunc(reservedPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}
