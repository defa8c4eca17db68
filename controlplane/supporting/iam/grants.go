package iam

import (
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

// maxAttached is AWS's quota of managed policies on one role or user.
const maxAttached = 10

func (g *grants) inline(name string) int {
	return slices.IndexFunc(g.Inline, func(p inlinePolicy) bool { return p.Name == name })
}

// put keeps an inline policy under its name, and gives the size of all of them.
func (g *grants) put(name, document string) (size int) {
	p := inlinePolicy{Name: name, Document: document}
	if at := g.inline(name); at >= 0 {
		g.Inline[at] = p
	} else {
		g.Inline = append(g.Inline, p)
	}
	for _, p := range g.Inline {
		size += documentSize(p.Document)
	}
	return size
}

func (g *grants) inlineNames() []string {
	var names []string
	for _, p := range g.Inline {
		names = append(names, p.Name)
	}
	return names
}

// attach adds a policy, once. quota names AWS's quota in the refusal.
func (g *grants) attach(tx *txn, arn, quota string) error {
	if err := tx.checkAttachable(arn); err != nil {
		return err
	}
	if slices.Contains(g.Attached, arn) {
		return nil
	}
	if len(g.Attached) >= maxAttached {
		return awsapi.Errorf("LimitExceeded", "Cannot exceed quota for %s: %d", quota, maxAttached)
	}
	g.Attached = append(g.Attached, arn)
	return nil
}

func (g *grants) detach(arn string) error {
	at := slices.Index(g.Attached, arn)
	if at < 0 {
		return policyNotFound(arn)
	}
	g.Attached = slices.Delete(g.Attached, at, at+1)
	return nil
}

func (g *grants) attached(prefix *string) []wire.AttachedPolicy {
	out := []wire.AttachedPolicy{}
	for _, arn := range g.Attached {
		path, name := policyPathAndName(arn)
		if underPath(path, prefix) {
			out = append(out, wire.AttachedPolicy{PolicyName: &name, PolicyArn: &arn})
		}
	}
	return out
}

// checkGone refuses to delete a role or user that is still given something.
func (g *grants) checkGone() error {
	switch {
	case len(g.Attached) > 0:
		return deleteConflict("Cannot delete entity, must detach all policies first.")
	case len(g.Inline) > 0:
		return deleteConflict("Cannot delete entity, must delete policies first.")
	}
	return nil
}

// documents are the inline policies, and the default versions of those attached.
func (g *grants) documents(tx *txn) []string {
	out := make([]string, 0, len(g.Inline)+len(g.Attached))
	for _, p := range g.Inline {
		out = append(out, p.Document)
	}
	for _, arn := range g.Attached {
		if a, ok := awsapi.ParseARN(arn); ok && a.Account == "aws" {
			out = append(out, managedDocument(strings.TrimPrefix(a.Resource, "policy/")))
			continue
		}
		// What is attached exists: it cannot be deleted while it is.
		if p, err := tx.policy(arn); err == nil {
			if i, err := p.version(versionID(p.Default)); err == nil {
				out = append(out, p.Versions[i].Document)
			}
		}
	}
	return out
}
