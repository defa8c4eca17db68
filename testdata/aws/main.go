// Command aws has server.py, whose socket lies beside it, run the AWS CLI in its place.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	status, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "aws:", err)
		status = 1
	}
	os.Exit(status)
}

// run sends the open files with a first byte, then all else, and reads the exit status.
func run() (status int, err error) {
	own, err := os.Executable()
	if err != nil {
		return 0, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	env := map[string]string{}
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: filepath.Join(filepath.Dir(own), "socket"), Net: "unix"})
	if err != nil {
		return 0, err
	}
	if _, _, err := conn.WriteMsgUnix([]byte{0}, syscall.UnixRights(0, 1, 2), nil); err != nil {
		return 0, err
	}
	if err := json.NewEncoder(conn).Encode(map[string]any{"args": os.Args[1:], "env": env, "dir": dir}); err != nil {
		return 0, err
	}
	if err := conn.CloseWrite(); err != nil {
		return 0, err
	}
	if _, err := fmt.Fscan(conn, &status); err != nil {
		return 0, fmt.Errorf("ended without a status: %w", err)
	}
	return status, nil
}
