package throttle

import "github.com/postern/postern/runtime/reqcontext"

// Limit is what a method or route may take: its stage's throttle, then what is left of
// its account's own limit. nil is no limit.
type Limit struct {
	Bucket  *Bucket
	Account *Account
}

// Allow lets a request pass, or refuses it.
func (l Limit) Allow(rc *reqcontext.Context) error {
	if l.Bucket != nil {
		if err := l.Bucket.Allow(rc); err != nil {
			return err
		}
	}
	return l.Account.Allow(rc)
}
