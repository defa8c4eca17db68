package awsapi

import (
	"maps"
	"strings"
)

// MergeTags gives have with add laid over it, as a new map: records are immutable.
func MergeTags(have, add map[string]string) map[string]string {
	out := make(map[string]string, len(have)+len(add))
	maps.Copy(out, have)
	maps.Copy(out, add)
	return out
}

// RemoveTags gives have without the keys, as a new map.
func RemoveTags(have map[string]string, keys []string) map[string]string {
	out := maps.Clone(have)
	for _, k := range keys {
		delete(out, k)
	}
	return out
}

// ReservedTagKey finds a key with AWS's reserved prefix, or "".
func ReservedTagKey(tags map[string]string) string {
	for k := range tags {
		if strings.HasPrefix(strings.ToLower(k), "aws:") {
			return k
		}
	}
	return ""
}
