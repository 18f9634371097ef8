"""Records every request of AWS's APIs that the emulator gets in a file, one line of JSON per request. A judge reads it later.

A line has what a judge needs to parse the request: the method, the path as it was sent, the query, the headers, and the
body as text, or as Base64 if it is not text. In place of the signature, it has the service for which the request was signed.

It leaves out requests to the system's own API and to ministack's own pages, which are not requests of AWS's APIs.
"""

import base64
import json
import os
import re

from ministack import app

# Of a longer body, only the size is written, because packages of functions and states of Terraform would fill the disk.
LONGEST = 256 * 1024

# Paths that are not requests of an API of AWS.
OTHERS = re.compile(r"/_ministack/|/restapis/[^/]+/[^/]+/_user_request_(/|$)")

# Headers with credentials, which a judge does not need.
SECRETS = ("authorization", "cookie", "x-amz-security-token")
SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]*/([^/]+)/aws4_request")


class Recorder:
    """Records into one file."""

    def __init__(self, file):
        # Write each line with one call, so that several emulators can share a file.
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
            nonlocal is_written
            message = await receive()
            if message["type"] == "http.request":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    # Write it before the answer, because the emulator may be killed meanwhile.
                    write()
            else:
                # The client is gone. If it had not sent all of the request, there is no request: AWS would not read it either.
                is_written = True
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
    """Returns the fields of a body in the JSON."""
    if len(body) > LONGEST:
        return {"left_out": len(body)}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def without_package(body):
    """Removes the package of the function from a long request of Lambda, so that a judge can check the rest."""
    if len(body) <= LONGEST:
        return body
    return re.sub(rb'("ZipFile"\s*:\s*")[A-Za-z0-9+/=]*"', rb'\1"', body, count=1)
