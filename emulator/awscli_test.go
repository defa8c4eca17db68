package emulator_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// awsPath is a search path with an AWS CLI that starts once, not at each of the scripts' several hundred calls: nine tenths of
// what a call takes are Python's imports and the models of services. testdata/aws/server.py runs the CLI in forks of a process
// that has all that. It can do so with the CLI's first version; another is an ordinary program, found where it is.
func awsPath(t *testing.T) string {
	t.Helper()
	path := os.Getenv("PATH")
	script, interpreter := awsScript(t)
	if interpreter == nil {
		return path
	}
	dir, err := os.MkdirTemp("", "aws") // t.TempDir's may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	buildProgram(t, filepath.Join(dir, "aws"), "../testdata/aws")

	args := append(interpreter[1:], "../testdata/aws/server.py", script, filepath.Join(dir, "socket"))
	server := exec.Command(interpreter[0], args...)
	server.Env = []string{"HOME=" + os.Getenv("HOME"), "PATH=" + path} // no locale either: scripts have none
	var stderr bytes.Buffer
	server.Stderr = &stderr
	stdin, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = server.Wait()
	})
	if !bufio.NewScanner(stdout).Scan() {
		_ = server.Wait()
		t.Logf("the AWS CLI starts at every call: %s", &stderr)
		return path
	}
	return dir + string(filepath.ListSeparator) + path
}

// awsScript finds the AWS CLI and what interprets it; nil where that is not Python.
func awsScript(t *testing.T) (script string, interpreter []string) {
	t.Helper()
	script, err := exec.LookPath("aws")
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(filepath.Dir(script)) == "shims" { // pyenv's, in shell
		out, err := exec.Command("pyenv", "which", "aws").Output()
		if err != nil {
			return script, nil
		}
		script = strings.TrimSpace(string(out))
	}
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	first, isScript := strings.CutPrefix(string(line), "#!")
	if !isScript || !strings.Contains(first, "python") {
		return script, nil
	}
	return script, strings.Fields(first)
}
