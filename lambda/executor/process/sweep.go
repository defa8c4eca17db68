package process

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/postern/postern/lambda/executor/code"
)

// dirPrefix begins the names of the executors' directories; the process's number follows.
const dirPrefix = "postern-lambda-"

// sweep removes what a Postern that was killed left behind. What cannot be removed belongs to somebody else, or is tried again
// next time.
func sweep(parent string) {
	left, err := filepath.Glob(filepath.Join(parent, dirPrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range left {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), dirPrefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && pid != os.Getpid() && !alive(pid) {
			_ = code.Remove(dir) // what cannot be removed now is tried again at the next start
		}
	}
}
