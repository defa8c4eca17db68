package openapi

import (
	"maps"
	"slices"
	"unicode/utf16"
)

// recordedOrder gives keys in the order in which AWS's exports show them. AWS: the
// recorded orders of parameters, response headers, models and OpenAPI paths are
// those of a Java HashMap that was filled without knowing their number.
func recordedOrder[V any](m map[string]V) []string {
	keys := slices.Sorted(maps.Keys(m))
	buckets := uint32(16)
	for float64(len(keys)) > 0.75*float64(buckets) {
		buckets *= 2
	}
	slices.SortStableFunc(keys, func(a, b string) int {
		return int(bucket(a, buckets)) - int(bucket(b, buckets))
	})
	return keys
}

func bucket(key string, buckets uint32) uint32 {
	var h uint32
	for _, c := range utf16.Encode([]rune(key)) {
		h = 31*h + uint32(c)
	}
	return (h ^ h>>16) & (buckets - 1)
}
