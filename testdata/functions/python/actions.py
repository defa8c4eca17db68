"""A Lambda function that does what its event says; go/actions and node/actions.js do the same."""

import os
import tempfile
import time

invocations = 0


def handler(event, context):
    global invocations
    invocations += 1
    do, count = event.get("do"), event.get("count")
    if do == "echo":
        return event["value"]
    if do == "count":
        return invocations
    if do == "context":
        return {
            "requestId": context.aws_request_id,
            "arn": context.invoked_function_arn,
            "name": context.function_name,
            "version": context.function_version,
            "memory": context.memory_limit_in_mb,
            "group": context.log_group_name,
            "stream": context.log_stream_name,
            "remaining": context.get_remaining_time_in_millis(),
        }
    if do == "throw":
        raise ValueError("bad thing")
    if do == "exit":
        os._exit(count)
    if do == "hang":
        print("hanging")
        time.sleep(3600)
    if do == "sleep":
        time.sleep(count / 1000)
        return invocations
    if do == "print":
        for i in range(count):
            print("line %d %s" % (i, "x" * 1000))
        return "printed"
    if do == "large":
        return "x" * count
    if do == "environment":
        return ["%s=%s" % item for item in os.environ.items()]
    if do == "append":
        name = tempfile.gettempdir() + "/file"
        with open(name, "a") as file:
            file.write("x")
        with open(name) as file:
            return file.read()
    raise ValueError("cannot do %r" % do)
