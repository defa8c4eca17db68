# The least a Python runtime client can be; the floor of the Python rows.
import http.client
import json
import os

from lambda_function import lambda_handler

conn = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
base = "/2018-06-01/runtime/invocation/"
while True:
    conn.request("GET", base + "next")
    res = conn.getresponse()
    event = json.loads(res.read())
    body = json.dumps(lambda_handler(event, None))
    conn.request("POST", base + res.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", body)
    conn.getresponse().read()
