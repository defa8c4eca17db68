package awsapi

// Ptr gives a pointer to v: wire shapes hold pointers, nil being "not sent".
func Ptr[T any](v T) *T { return &v }

// Val gives what p points to, or the zero value.
func Val[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// NonEmpty gives a pointer to v, or nil when v is the zero value: for members
// that AWS leaves out when unset.
func NonEmpty[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
