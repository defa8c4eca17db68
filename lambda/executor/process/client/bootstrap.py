"""Runs a Python Lambda function: takes events from the Runtime API, calls the handler, posts what it returns.

Started as a program with the environment that Lambda defines. Whatever costs time at start and is not always needed
(traceback, logging) is imported at its first use.
"""

import _socket
import builtins
import os
import sys
import time

import json

API = "/2018-06-01/runtime/"
ENV = os.environ
TASK_ROOT = ENV["LAMBDA_TASK_ROOT"]
# AWS: up to Python 3.11 results are escaped to ASCII.
ESCAPE = ENV.get("AWS_EXECUTION_ENV", "").rpartition(".")[2] in ("8", "9", "10", "11")
JSON_LOG = ENV.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"

request_id = ""


class Fault(Exception):
    """A failure that the runtime itself names."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind, self.trace = kind, list(trace)


# ---------------------------------------------------------------------------------------------------------------------
# Runtime API


class Connection:
    """One kept-alive connection. A result and the request for the next event go out in one write."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.target = (host, int(port))
        self.host = "Host: %s\r\n" % address
        self.next_request = ("GET %sinvocation/next HTTP/1.1\r\n%s\r\n" % (API, self.host)).encode()
        self.socket = None
        self.buffer = b""

    def connect(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self.socket.connect(self.target)
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self.buffer = b""

    def post(self, path, body, headers="", then=b""):
        head = "POST %s%s HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n" % (API, path, self.host, headers, len(body))
        if self.socket is None:
            self.connect()
        try:
            self.socket.sendall(head.encode() + body + then)
        except OSError:
            # Refused in the middle, as too large: the answer says so and the next event is asked for anew.
            pass

    def answer(self):
        """Reads one answer: status, header lines in lower case, body."""
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if found:
                break
            self.fill()
        lines = head.decode("utf-8").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            parts, have = [rest], len(rest)
            while have < length:
                parts.append(self.receive())
                have += len(parts[-1])
            rest = b"".join(parts)
        self.buffer = rest[length:]
        return int(lines[0].split(" ", 2)[1]), headers, rest[:length]

    def fill(self):
        self.buffer += self.receive()

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the Runtime API closed the connection")
        return data

    def next_event(self):
        """Waits for an event, past the answer to what was posted before it."""
        if self.socket is None:
            self.connect()
            self.socket.sendall(self.next_request)
        while True:
            try:
                status, headers, body = self.answer()
            except (ConnectionError, OSError):
                self.connect()
                self.socket.sendall(self.next_request)
                continue
            if "lambda-runtime-aws-request-id" in headers:
                return headers, body


# ---------------------------------------------------------------------------------------------------------------------
# Logging


def write_entry(text):
    """Writes one log entry as one line: Lambda turns the carriage returns back."""
    sys.stdout.write(text.rstrip("\n").replace("\n", "\r") + "\n")


def setup_logging(logging):
    """Gives the root logger AWS's handler, as soon as anybody imports logging."""
    names = {"TRACE": "DEBUG", "FATAL": "CRITICAL"}

    class Handler(logging.Handler):
        def emit(self, record):
            try:
                write_entry(self.format(record))
            except Exception:
                self.handleError(record)

    class RequestID(logging.Filter):
        def filter(self, record):
            record.aws_request_id = request_id
            return True

    class JSONFormatter(logging.Formatter):
        def format(self, record):
            entry = {
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
                "level": record.levelname,
                "message": record.getMessage(),
                "logger": record.name,
            }
            if record.exc_info and record.exc_info[0]:
                kind, error, trace = record.exc_info
                entry["stackTrace"] = stack(trace)
                entry["errorType"], entry["errorMessage"] = kind.__name__, str(error)
            if request_id:
                entry["requestId"] = request_id
            return json.dumps(entry, ensure_ascii=False, default=str)

    handler = Handler()
    if JSON_LOG:
        handler.setFormatter(JSONFormatter())
    else:
        formatter = logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
    handler.addFilter(RequestID())
    logging.root.addHandler(handler)
    level = ENV.get("AWS_LAMBDA_LOG_LEVEL")
    if level:
        logging.root.setLevel(names.get(level, level))


class LoggingFinder:
    """Sees the first import of logging and sets it up; most functions that only print never pay for it."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            setup_logging(module)

        spec.loader.exec_module = exec_module
        return spec


# ---------------------------------------------------------------------------------------------------------------------
# Errors


def public(text):
    """Names files as they are called on AWS."""
    return text.replace(TASK_ROOT + os.sep, "/var/task/")


def stack(trace):
    import traceback

    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename != __file__ and not frame.filename.startswith("<frozen importlib")]
    return [public(line) for line in traceback.format_list(frames)]


def describe(error):
    """What is told about an error: type, message, stack."""
    if isinstance(error, Fault):
        return error.kind, str(error), error.trace
    return type(error).__name__, str(error), stack(error.__traceback__)


def log_error(kind, message, trace):
    if JSON_LOG:
        entry = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "log_level": "ERROR",
            "errorMessage": message,
            "errorType": kind,
            "requestId": request_id,
            "stackTrace": trace,
        }
        write_entry(json.dumps(entry, ensure_ascii=False))
        return
    write_entry("[ERROR] %s: %s\nTraceback (most recent call last):\n%s" % (kind, message, "".join(trace)))


def error_body(kind, message, trace):
    body = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}
    return json.dumps(body, ensure_ascii=ESCAPE).encode("utf-8", "replace")


def error_header(kind):
    kind = kind if kind.startswith("Runtime.") else "Runtime.Unknown"
    return "Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: %s\r\n" % kind


# ---------------------------------------------------------------------------------------------------------------------
# The handler and what it is given


def load_handler(name):
    module_name, dot, function = name.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name)
    from importlib import import_module

    try:
        module = import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (public(error.filename or ""), error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    try:
        return getattr(module, function)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function, module_name)) from None


class Record:
    """An object with given attributes and a readable repr."""

    def __init__(self, **fields):
        self.__dict__.update(fields)

    def __repr__(self):
        return "%s([%s])" % (type(self).__name__, ",".join("%s=%s" % item for item in self.__dict__.items()))


class Client(Record):
    pass


class ClientContext(Record):
    pass


class CognitoIdentity(Record):
    pass


CLIENT_FIELDS = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class LambdaContext:
    """The handler's second argument."""

    function_name = ENV.get("AWS_LAMBDA_FUNCTION_NAME")
    function_version = ENV.get("AWS_LAMBDA_FUNCTION_VERSION")
    memory_limit_in_mb = ENV.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    log_group_name = ENV.get("AWS_LAMBDA_LOG_GROUP_NAME")
    log_stream_name = ENV.get("AWS_LAMBDA_LOG_STREAM_NAME")

    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self._deadline = int(headers.get("lambda-runtime-deadline-ms", 0))
        identity = json.loads(headers.get("lambda-runtime-cognito-identity", "{}"))
        self.identity = CognitoIdentity(
            cognito_identity_id=identity.get("cognitoIdentityId"),
            cognito_identity_pool_id=identity.get("cognitoIdentityPoolId"),
        )
        self.client_context = None
        given = headers.get("lambda-runtime-client-context")
        if given:
            given = json.loads(given)
            client = given.get("client")
            if isinstance(client, dict):
                client = Client(**{field: client.get(field) for field in CLIENT_FIELDS})
            self.client_context = ClientContext(custom=given.get("custom"), env=given.get("env"), client=client)

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        return "LambdaContext([aws_request_id=%s,function_name=%s])" % (self.aws_request_id, self.function_name)


def plain(value):
    """Makes a number of a Decimal, the one foreign type that Lambda's JSON knows."""
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        if value.is_finite() and value == value.to_integral_value() and value.as_tuple().exponent >= 0:
            return int(value)
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


encode = json.JSONEncoder(ensure_ascii=ESCAPE, default=plain).encode


def invoke(handler, headers, body):
    """Calls the handler: the path below the invocation, headers and body of what is to be posted."""
    try:
        event = body
        if headers.get("content-type") == "application/json":
            try:
                event = json.loads(body.decode("utf-8"))
            except ValueError as error:
                raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)
        result = handler(event, LambdaContext(headers))
        if isinstance(result, bytes):
            return "/response", "Content-Type: application/unknown\r\n", result
        try:
            return "/response", "Content-Type: application/json\r\n", encode(result).encode("utf-8")
        except Exception as error:
            raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)
    except Exception as error:
        told = describe(error)
        log_error(*told)
        return "/error", error_header(told[0]), error_body(*told)


def main():
    global request_id
    # Postern starts the interpreter without site, and names the packages' directories.
    sys.path[0] = TASK_ROOT
    sys.path += sys.argv[1:]
    del sys.argv[1:]
    builtins.exit = builtins.quit = sys.exit
    for stream in (sys.stdout, sys.stderr):
        # A line is one write; unfinished lines are flushed before the answer.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    if "logging" in sys.modules:
        setup_logging(sys.modules["logging"])
    else:
        sys.meta_path.insert(0, LoggingFinder())
    connection = Connection(ENV["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(ENV["_HANDLER"])
    except Exception as error:
        told = describe(error)
        log_error(*told)
        sys.stdout.flush()
        connection.post("init/error", error_body(*told), error_header(told[0]))
        connection.answer()
        sys.exit(1)
    while True:
        headers, body = connection.next_event()
        request_id = headers["lambda-runtime-aws-request-id"]
        trace_id = headers.get("lambda-runtime-trace-id")
        if trace_id:
            ENV["_X_AMZN_TRACE_ID"] = trace_id
        else:
            ENV.pop("_X_AMZN_TRACE_ID", None)
        path, head, result = invoke(handler, headers, body)
        sys.stdout.flush()
        sys.stderr.flush()
        connection.post("invocation/" + request_id + path, result, head, connection.next_request)


if __name__ == "__main__":
    main()
