package tags

import (
	"unicode/utf8"

	"github.com/postern/postern/controlplane/awsapi"
)

// AWS's limits for one resource.
const (
	maxTags  = 50
	maxKey   = 128
	maxValue = 256
)

// Check applies AWS's limits to the tags of one resource.
//
// unverified against AWS: the texts.
func Check(tags map[string]string) error {
	if key := awsapi.ReservedTagKey(tags); key != "" {
		return awsapi.BadRequest("Invalid tag key: %s. The prefix aws: is reserved.", key)
	}
	if len(tags) > maxTags {
		return awsapi.BadRequest("The number of tags exceeds the maximum of %d", maxTags)
	}
	for k, v := range tags {
		if k == "" || utf8.RuneCountInString(k) > maxKey || utf8.RuneCountInString(v) > maxValue {
			return awsapi.BadRequest("Invalid tag: keys have 1 to %d characters, values at most %d", maxKey, maxValue)
		}
	}
	return nil
}

// Shown gives tags as an answer has them. AWS: those of an untagged resource are {}
// where it is read alone, and absent where it is made or listed.
func Shown(tags map[string]string, single bool) map[string]string {
	switch {
	case len(tags) > 0:
		return tags
	case single:
		return map[string]string{}
	}
	return nil
}
