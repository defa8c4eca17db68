package iam

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"strconv"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

const maxKeysPerUser = 2

// userKeys gives the access keys of a user of the caller's account.
func (tx *txn) userKeys(name string) []*accessKey {
	var out []*accessKey
	for _, k := range keys.List(tx.Tx, keyScope, "") {
		if k.Account == tx.id.Account && nameKey(k.UserName) == nameKey(name) {
			out = append(out, k)
		}
	}
	return out
}

func (s *Service) createAccessKey(ctx context.Context, in *wire.CreateAccessKeyInput) (*wire.CreateAccessKeyOutput, error) {
	return edit(ctx, s, func(tx *txn) (*wire.CreateAccessKeyOutput, error) {
		u, err := tx.user(in.UserName)
		if err != nil {
			return nil, err
		}
		if len(tx.userKeys(u.Name)) >= maxKeysPerUser {
			return nil, awsapi.Errorf("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: %d", maxKeysPerUser)
		}
		k := &accessKey{
			ID:       s.newKeyID("AKIA", tx.id.Account),
			Secret:   s.newSecret(),
			Account:  tx.id.Account,
			UserName: u.Name,
			Active:   true,
			Created:  tx.now(),
		}
		keys.Put(tx.Tx, keyScope, k.ID, k)
		return &wire.CreateAccessKeyOutput{AccessKey: &wire.AccessKey{
			UserName:        &k.UserName,
			AccessKeyId:     &k.ID,
			Status:          awsapi.Ptr(k.status()),
			SecretAccessKey: &k.Secret,
			CreateDate:      &k.Created,
		}}, nil
	})
}

func (s *Service) listAccessKeys(ctx context.Context, in *wire.ListAccessKeysInput) (*wire.ListAccessKeysOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListAccessKeysOutput, error) {
		u, err := tx.user(in.UserName)
		if err != nil {
			return nil, err
		}
		out := []wire.AccessKeyMetadata{}
		for _, k := range tx.userKeys(u.Name) {
			out = append(out, wire.AccessKeyMetadata{UserName: &k.UserName, AccessKeyId: &k.ID, Status: awsapi.Ptr(k.status()), CreateDate: &k.Created})
		}
		cut, truncated, marker, err := page(out, in.Marker, in.MaxItems)
		return &wire.ListAccessKeysOutput{AccessKeyMetadata: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func (s *Service) updateAccessKey(ctx context.Context, in *wire.UpdateAccessKeyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if err := tx.checkKeyOf(in.UserName, *in.AccessKeyId); err != nil {
			return nil, err
		}
		k, _ := keys.Edit(tx.Tx, keyScope, *in.AccessKeyId)
		k.Active = *in.Status == "Active"
		return nil, nil
	})
}

func (s *Service) deleteAccessKey(ctx context.Context, in *wire.DeleteAccessKeyInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if err := tx.checkKeyOf(in.UserName, *in.AccessKeyId); err != nil {
			return nil, err
		}
		keys.Delete(tx.Tx, keyScope, *in.AccessKeyId)
		return nil, nil
	})
}

// checkKeyOf tells whether id is an access key of the user (nil: the caller).
func (tx *txn) checkKeyOf(userName *string, id string) error {
	u, err := tx.user(userName)
	if err != nil {
		return err
	}
	k, ok := keys.Get(tx.Tx, keyScope, id)
	if !ok || k.Account != tx.id.Account || nameKey(k.UserName) != nameKey(u.Name) {
		return noSuchEntity("The Access Key with id %s cannot be found.", id)
	}
	return nil
}

func (k *accessKey) status() string {
	if k.Active {
		return "Active"
	}
	return "Inactive"
}

// newKeyID makes an access key id that carries its account, as AWS's do: after
// the four letters stand 10 bytes in base 32, of which bits 1 to 40 are the account.
func (s *Service) newKeyID(prefix, account string) string {
	raw := sha256.Sum256([]byte(s.newID(32)))
	n, err := strconv.ParseUint(account, 10, 40)
	if err != nil {
		n = 0 // an account id is 12 digits, which fit
	}
	head := 1<<47 | n<<7 | uint64(raw[5]&0x7f)
	for i := range 6 {
		raw[i] = byte(head >> (8 * (5 - i)))
	}
	return prefix + base32.StdEncoding.EncodeToString(raw[:10])
}

// AccountOfKeyID reads the account out of an access key id; false when it has none.
func AccountOfKeyID(id string) (string, bool) {
	if len(id) != 20 {
		return "", false
	}
	raw, err := base32.StdEncoding.DecodeString(id[4:])
	if err != nil {
		return "", false
	}
	var head uint64
	for _, b := range raw[:6] {
		head = head<<8 | uint64(b)
	}
	account := strconv.FormatUint(head>>7&(1<<40-1), 10)
	if len(account) > 12 {
		return "", false
	}
	return "000000000000"[len(account):] + account, true
}

// newSecret makes a secret access key: 40 characters.
func (s *Service) newSecret() string {
	raw := sha256.Sum256([]byte(s.newID(40)))
	return base64.StdEncoding.EncodeToString(raw[:30])
}
