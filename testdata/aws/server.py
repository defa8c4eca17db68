"""Runs the AWS CLI again and again without starting it again: server.py AWS SOCKET

AWS is the Python program that the shell finds by that name. The modules and models
that it spends nearly all of its time on are loaded here once; each connection to
SOCKET is then one run of the program in a fork, which the client (main.go) gives its
arguments, its environment, its directory and its open files.

Prints a line when SOCKET takes connections, and ends when its stdin does.
"""

import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback

import awscli.clidriver
import botocore.config
import botocore.exceptions
import botocore.session
from botocore import UNSIGNED

# The models of a service that every command of it reads.
MODELS = "service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1"


def main(aws, address):
    os.setpgrp()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    # Every session of a fork begins with what the one loader here has read.
    botocore.session.create_loader = functools.cache(botocore.session.create_loader)
    session = awscli.clidriver.create_clidriver().session
    session.get_data("cli")
    session.get_available_services()
    session.create_client("sts", "us-east-1", config=botocore.config.Config(signature_version=UNSIGNED))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    print("ready", flush=True)
    while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
        accept(listener, session.get_component("data_loader"), aws)
    os.killpg(0, signal.SIGKILL)  # with what still runs


def accept(listener, loader, aws):
    connection = listener.accept()[0]
    files = socket.recv_fds(connection, 1, 3)[1]
    call = json.load(connection.makefile())
    for model in MODELS:
        try:
            loader.load_service_model(call["args"][0], model)
        except (IndexError, botocore.exceptions.DataNotFoundError):
            pass  # a command that is no service, or a service without waiters
    gc.freeze()  # a collection in a fork would copy all pages
    if os.fork() == 0:
        listener.close()
        status = 1
        try:
            status = run(aws, call, files)
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        connection.sendall(b"%d" % status)
        os._exit(0)
    connection.close()
    for file in files:
        os.close(file)


def run(aws, call, files):
    """Runs the program as its own process would, and returns its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(call["dir"])
    os.environ.clear()
    os.environ.update(call["env"])
    importlib.reload(awscli)  # which puts its own models into the environment
    sys.argv = [aws, *call["args"]]
    try:
        runpy.run_path(aws, run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


if __name__ == "__main__":
    main(*sys.argv[1:])
