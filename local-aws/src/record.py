"""Writes every request of AWS's APIs that the emulator gets to a file, one line of JSON each, for a judge to read later.

A line has what a judge needs to parse the request: the method, the path as it was sent, the query, the headers, and the
body as text, or as Base64 where it is no text. It has no signature, and in its place the service that the request was
signed for.

Requests of the system's own API, and those of ministack's own pages, are no requests of AWS's APIs, and are left out.
"""

import base64
import json
import os
import re

from ministack import app

# A longer body is not written, but for its size: packages of functions and states of Terraform would fill the disk.
LONGEST = 256 * 1024

# What is no request of an API of AWS.
OTHERS = re.compile(r"/_ministack/|/restapis/[^/]+/[^/]+/_user_request_(/|$)")

# What proves who calls, and says nothing else.
SECRETS = ("authorization", "cookie", "x-amz-security-token")
SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]*/([^/]+)/aws4_request")


class Recorder:
    """Records into one file."""

    def __init__(self, file):
        # Each line is one call of write, so that emulators may share a file.
        self.file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.call = app.app
        app.app = self._listen

    async def _listen(self, scope, receive, send):
        path = scope.get("raw_path", b"").decode("latin-1") or scope.get("path", "")
        if scope["type"] != "http" or OTHERS.match(path):
            return await self.call(scope, receive, send)
        parts = []
        is_written = False

        def write():
            nonlocal is_written
            if not is_written:
                is_written = True
                self._write(scope, path.partition("?")[0], b"".join(parts))

        async def listen():
            message = await receive()
            if message["type"] == "http.request":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    # Before it is answered: the emulator may be killed meanwhile.
                    write()
            return message

        try:
            await self.call(scope, listen, send)
        finally:
            write()

    def _write(self, scope, path, body):
        headers = {name.decode("latin-1").lower(): it.decode("latin-1") for name, it in scope["headers"]}
        signed = SCOPE.search(headers.get("authorization", ""))
        line = {
            "method": scope["method"],
            "path": path,
            "query": scope.get("query_string", b"").decode("latin-1"),
            "signed": signed and signed.group(1),
            "headers": {name: it for name, it in headers.items() if name not in SECRETS},
            **written(without_package(body)),
        }
        os.write(self.file, json.dumps(line).encode() + b"\n")


def written(body):
    """A body in JSON."""
    if len(body) > LONGEST:
        return {"left_out": len(body)}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def without_package(body):
    """A long request of Lambda without the package of the function: the rest of it can be judged."""
    if len(body) <= LONGEST:
        return body
    return re.sub(rb'("ZipFile"\s*:\s*")[A-Za-z0-9+/=]*"', rb'\1"', body, count=1)
