package iam

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

// defaultUserName is the user on whose behalf calls with unknown keys are made. He
// has no record, and is not listed.
const defaultUserName = "postern"

func defaultUser(partition, account string) *user {
	return &user{
		Name:    defaultUserName,
		Path:    "/",
		ID:      "AIDA" + stableID(account, "user", defaultUserName),
		ARN:     "arn:" + partition + ":iam::" + account + ":user/" + defaultUserName,
		Created: time.Date(2010, 9, 2, 0, 0, 0, 0, time.UTC),
	}
}

// stableID makes the 17 characters of an id that must be the same each time though
// no record keeps it.
func stableID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p + "\x00"))
	}
	return base32.StdEncoding.EncodeToString(h.Sum(nil))[:17]
}

// user finds a user by name; nil means the caller's own.
func (tx *txn) user(name *string) (*user, error) {
	n := awsapi.Val(name)
	if name == nil {
		n = defaultUserName
		if k, ok := keys.Get(tx.Tx, keyScope, tx.id.AccessKeyID); ok && k.UserName != "" {
			n = k.UserName
		}
	}
	if u, ok := users.Get(tx.Tx, tx.scope, nameKey(n)); ok {
		return u, nil
	}
	if n == defaultUserName {
		return defaultUser(awsapi.Partition(tx.id.Region), tx.id.Account), nil
	}
	return nil, noSuchEntity("The user with name %s cannot be found.", n)
}

// editUser gives a user to change; the default user has no record, and cannot be.
func (tx *txn) editUser(name string) (*user, error) {
	u, ok := users.Edit(tx.Tx, tx.scope, nameKey(name))
	if !ok {
		return nil, noSuchEntity("The user with name %s cannot be found.", name)
	}
	return u, nil
}

func (s *Service) createUser(ctx context.Context, in *wire.CreateUserInput) (*wire.CreateUserOutput, error) {
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.CreateUserOutput, error) {
		name := *in.UserName
		if _, ok := users.Get(tx.Tx, tx.scope, nameKey(name)); ok {
			return nil, awsapi.Errorf("EntityAlreadyExists", "User with name %s already exists.", name)
		}
		u := &user{Name: name, Path: pathOr(in.Path), ID: s.uniqueID("AIDA"), Created: tx.now(), Tags: tags}
		u.ARN = tx.arn("user" + u.Path + u.Name)
		if in.PermissionsBoundary != nil {
			if err := tx.checkAttachable(*in.PermissionsBoundary); err != nil {
				return nil, err
			}
			u.Boundary = *in.PermissionsBoundary
		}
		users.Put(tx.Tx, tx.scope, nameKey(name), u)
		return &wire.CreateUserOutput{User: wholeUser(u)}, nil
	})
}

func (s *Service) getUser(ctx context.Context, in *wire.GetUserInput) (*wire.GetUserOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetUserOutput, error) {
		u, err := tx.user(in.UserName)
		if err != nil {
			return nil, err
		}
		return &wire.GetUserOutput{User: wholeUser(u)}, nil
	})
}

// listUsers leaves out tags and boundary, as AWS does.
func (s *Service) listUsers(ctx context.Context, in *wire.ListUsersInput) (*wire.ListUsersOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListUsersOutput, error) {
		out := []wire.User{}
		for _, u := range users.List(tx.Tx, tx.scope, "") {
			if underPath(u.Path, in.PathPrefix) {
				w := wholeUser(u)
				w.Tags, w.PermissionsBoundary = nil, nil
				out = append(out, *w)
			}
		}
		cut, truncated, marker, err := page(out, in.Marker, in.MaxItems)
		return &wire.ListUsersOutput{Users: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func (s *Service) deleteUser(ctx context.Context, in *wire.DeleteUserInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, ok := users.Get(tx.Tx, tx.scope, nameKey(*in.UserName))
		if !ok {
			return nil, noSuchEntity("The user with name %s cannot be found.", *in.UserName)
		}
		if len(tx.userKeys(u.Name)) > 0 {
			return nil, deleteConflict("Cannot delete entity, must remove referenced objects first.")
		}
		if err := u.checkGone(); err != nil {
			return nil, err
		}
		users.Delete(tx.Tx, tx.scope, nameKey(u.Name))
		return nil, nil
	})
}

// updateUser renames or moves a user, whose access keys go along.
func (s *Service) updateUser(ctx context.Context, in *wire.UpdateUserInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, err := tx.editUser(*in.UserName)
		if err != nil {
			return nil, err
		}
		old := u.Name
		if in.NewUserName != nil {
			if _, taken := users.Get(tx.Tx, tx.scope, nameKey(*in.NewUserName)); taken && nameKey(*in.NewUserName) != nameKey(old) {
				return nil, awsapi.Errorf("EntityAlreadyExists", "User with name %s already exists.", *in.NewUserName)
			}
			u.Name = *in.NewUserName
		}
		if in.NewPath != nil {
			u.Path = *in.NewPath
		}
		u.ARN = tx.arn("user" + u.Path + u.Name)
		for _, k := range tx.userKeys(old) {
			k, _ = keys.Edit(tx.Tx, keyScope, k.ID)
			k.UserName = u.Name
		}
		if nameKey(u.Name) != nameKey(old) {
			users.Delete(tx.Tx, tx.scope, nameKey(old))
			users.Put(tx.Tx, tx.scope, nameKey(u.Name), u)
		}
		return nil, nil
	})
}

func (s *Service) putUserPermissionsBoundary(ctx context.Context, in *wire.PutUserPermissionsBoundaryInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, err := tx.editUser(*in.UserName)
		if err != nil {
			return nil, err
		}
		if err := tx.checkAttachable(*in.PermissionsBoundary); err != nil {
			return nil, err
		}
		u.Boundary = *in.PermissionsBoundary
		return nil, nil
	})
}

func (s *Service) deleteUserPermissionsBoundary(ctx context.Context, in *wire.DeleteUserPermissionsBoundaryInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		u, err := tx.editUser(*in.UserName)
		if err != nil {
			return nil, err
		}
		if u.Boundary == "" {
			return nil, noSuchEntity("User %s does not have a permissions boundary.", *in.UserName) // unverified against AWS: the text
		}
		u.Boundary = ""
		return nil, nil
	})
}

// listGroupsForUser is always empty: there are no groups. Terraform asks before it
// deletes a user.
func (s *Service) listGroupsForUser(ctx context.Context, in *wire.ListGroupsForUserInput) (*wire.ListGroupsForUserOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListGroupsForUserOutput, error) {
		if _, err := tx.user(in.UserName); err != nil {
			return nil, err
		}
		cut, truncated, marker, err := page([]wire.Group{}, in.Marker, in.MaxItems)
		return &wire.ListGroupsForUserOutput{Groups: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func wholeUser(u *user) *wire.User {
	return &wire.User{
		Path:                &u.Path,
		UserName:            &u.Name,
		UserId:              &u.ID,
		Arn:                 &u.ARN,
		CreateDate:          &u.Created,
		PermissionsBoundary: wireBoundary(u.Boundary),
		Tags:                wireTags(u.Tags),
	}
}
