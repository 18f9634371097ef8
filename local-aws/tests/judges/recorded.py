"""Judges every request in a folder of recordings by botocore's model of the service. Prints it as JSON.

    python -B recorded.py FOLDER

`record.py` of the emulator writes the recordings.
"""

import collections
import json
import sys
from pathlib import Path

import request
import rest
import wire
from botocore.session import Session
from tree import Tree


def sent(call, asked):
    """The input of a request, by the names of the members."""
    shape = call.operation.input_shape
    if call.route is not None:
        return rest.read(call.route, asked, call.protocol)
    if call.protocol == "query":
        return wire.of_form(shape, asked.form())
    value = wire.json_of(asked.known_body() or b"{}")
    if shape is None and value:
        raise wire.Unreadable("there is one, and the operation takes none")
    return wire.of_json(shape, value) if shape else {}


class Judge:
    """The judged requests and the findings so far."""

    def __init__(self):
        self.models = request.Models(Session())
        self.recordings = {}
        # By service: how many requests.
        self.services = collections.Counter()
        # Each finding once for a recording.
        self.findings = {}
        # Terraform and `dofs` ask the same again and again.
        self.known = {}

    def recording(self, file):
        counts = self.recordings[file.stem] = {"requests": 0, "values": 0}
        for line in file.read_bytes().splitlines():
            counts["requests"] += 1
            asked = request.Request(line)
            try:
                service, values, findings = self.judge(asked)
            except Exception as error:
                error.add_note(f"it is in {file.name}: {line[:500]!r}")
                raise
            counts["values"] += values
            self.services[service] += 1
            for issue, what, kind in findings:
                self.findings.setdefault((issue, what, kind, file.stem), f"{file.stem}: {asked.method} {asked.path}")

    def judge(self, asked):
        key = (asked.method, asked.path, tuple(asked.query), asked.signed, asked.body, told(asked.headers))
        if key not in self.known:
            self.known[key] = self.judge_anew(asked)
        return self.known[key]

    def judge_anew(self, asked):
        """The service of a request, how many values it has, and what is found."""
        try:
            call = self.models.call(asked)
        except request.Unknown as why:
            place = f"{asked.method} {asked.path}"
            return str(asked.signed), 0, [("unknown request", f"{place}: {why}"[:200], str(asked.signed))]
        operation = call.operation
        service = operation.service_model.service_name
        name = f"{service}.{operation.name}"
        try:
            tree, found = Tree(), sent(call, asked)
        except wire.Unreadable as why:
            return service, 0, [("body", str(why), name)]
        if operation.input_shape is not None:
            tree.judge(operation.input_shape, found)
        else:
            tree.findings = [("unknown member", str(name), "") for name in found]
        return service, tree.values, [(issue, what, f"{name}.{at}") for issue, what, at in tree.findings]


def told(headers):
    """The headers that may be members."""
    return tuple(sorted((name, it) for name, it in headers.items() if name not in SENT_EACH_TIME))


# They differ from request to request, and no model has them.
SENT_EACH_TIME = {
    "accept-encoding",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "connection",
    "content-length",
    "host",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-user-agent",
    "x-amzn-trace-id",
}


def main(folder):
    judge = Judge()
    for file in sorted(Path(folder).glob("*.jsonl")):
        judge.recording(file)
    findings = [
        {"judge": "botocore", "issue": issue, "what": what, "kind": kind, "address": address}
        for (issue, what, kind, _), address in judge.findings.items()
    ]
    said = {"recordings": judge.recordings, "services": judge.services, "findings": findings}
    json.dump(said, sys.stdout, indent=2)


main(*sys.argv[1:])
