package emulator_test

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// startProvider runs the AWS provider for all commands of this directory: each would
// otherwise start one of its own, several times over, which takes far longer than what
// the command has to do. The provider's switch for that is the one for debuggers.
func (tf *terraform) startProvider() {
	tf.t.Helper()
	installed := filepath.Join(tf.dir, ".terraform", "providers", "registry.terraform.io", "hashicorp", "aws", "*", "*", "terraform-provider-aws*")
	found, err := filepath.Glob(installed)
	if err != nil || len(found) != 1 {
		tf.t.Fatalf("terraform init installed %q as provider: %v", found, err)
	}
	cmd := exec.CommandContext(tf.t.Context(), found[0], "-debug")
	cmd.Dir, cmd.Env = tf.dir, tf.env
	out, err := cmd.StdoutPipe()
	if err != nil {
		tf.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tf.t.Fatal(err)
	}
	tf.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "TF_REATTACH_PROVIDERS='"); ok {
			tf.env = append(tf.env, "TF_REATTACH_PROVIDERS="+strings.TrimSuffix(rest, "'"))
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return
		}
	}
	tf.t.Fatalf("the provider ended without saying how to reach it: %v", lines.Err())
}
