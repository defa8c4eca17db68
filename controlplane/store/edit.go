package store

import "context"

// Edit runs fn as one Update and gives its answer, but none when the transaction
// fails, be it in fn or on its way to the disk. begin makes the form of a transaction
// that fn takes: a service's own, which knows on whose behalf it is.
func Edit[T, Out any](ctx context.Context, db *DB, begin func(context.Context, *Tx) T, fn func(T) (*Out, error)) (*Out, error) {
	var out *Out
	err := db.Update(ctx, func(tx *Tx) (err error) {
		out, err = fn(begin(ctx, tx))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Read is Edit for one View.
func Read[T, Out any](ctx context.Context, db *DB, begin func(context.Context, *Tx) T, fn func(T) (*Out, error)) (*Out, error) {
	var out *Out
	err := db.View(func(tx *Tx) (err error) {
		out, err = fn(begin(ctx, tx))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
