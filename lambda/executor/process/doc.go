// Package process runs Lambda functions as processes of this machine, without a container engine.
//
// A provided.* function's bootstrap runs as it is. Python and Node functions run under small runtime clients of Postern's own (directory
// client), which are embedded in the binary and behave as AWS's do. Other runtimes need the docker executor, which the error says.
//
// Every environment has its own process group, working directory, /tmp (TMPDIR) and variables: nothing of Postern's environment but
// PATH reaches it. That is order, not a sandbox: handlers run with the rights of the user who runs Postern. Paths under /var/task, /opt
// and /tmp do not exist as such; stack traces name them nevertheless, so that they read as on AWS.
package process
