"""Judges every argument below a folder of generated roots by botocore's models of the services. Prints it as JSON.

    python -B api_models.py generated

`members.txt` says which member of which request an argument is.
"""

import collections
import json
import sys
from pathlib import Path

import arguments
import members
import roots
import values
from botocore.session import Session


class Models:
    """The services' models, each read once."""

    def __init__(self):
        self.session, self.services = Session(), {}

    def operation(self, service, operation):
        if service not in self.services:
            self.services[service] = self.session.get_service_model(service)
        return self.services[service].operation_model(operation)


class Judge:
    """The judged requests and the findings so far."""

    def __init__(self, table):
        self.table, self.models = table, Models()
        self.findings, self.used = [], set()
        self.judged = collections.Counter()

    def resource(self, block):
        entry = self.table.get(block.type)
        if entry is None:
            self.find(block, "", "no row", f"{block.type} is not in members.txt")
            return
        given = dict(block.values(), tags=tags(block.root))
        # By operation: each structure, list and map that it sends, and what is in it.
        requests = collections.defaultdict(lambda: collections.defaultdict(set))
        sent = {entry.operation}
        for path, steps, value in arguments.leaves(given, entry.rows):
            targets = entry.rows.get(path)
            if targets is None:
                self.find(block, path, "no row", "it is not in members.txt")
                continue
            self.used.add((block.type, path))
            self.judged[block.root.name] += bool(targets)
            if len(targets) == 1 and not targets[0].is_answer:
                sent.add(targets[0].operation)
            for target in targets:
                self.member(block, path, entry, requests[target.operation], target, steps, value)
        for operation in sorted(sent):
            self.structures(block, entry, operation, requests[operation])

    def member(self, block, path, entry, request, target, steps, value):
        """Judges one value as one member, and notes that it is there."""
        operation = self.models.operation(entry.service, target.operation)
        shape = operation.output_shape if target.is_answer else operation.input_shape
        # Of an answer, nothing is sent.
        request = collections.defaultdict(set) if target.is_answer else request
        at, steps = (), list(steps)
        for name, kind, key in target.parts:
            if shape.type_name != "structure" or name not in shape.members:
                raise ValueError(f"members.txt: {block.type}.{path}: {shape.name} has no {name}")
            request[at].add(name)
            shape, at = shape.members[name], (*at, name)
            if kind is None:
                continue
            if shape.type_name != {"[": "list", "{": "map"}[kind]:
                raise ValueError(f"members.txt: {block.type}.{path}: {name} is a {shape.type_name}")
            if key == "#":
                shape, steps = shape.key, steps[1:]
                break
            if kind == "{" and key:
                self.judge(block, path, shape.key, key)
            if not key and not steps:
                raise ValueError(f"members.txt: {block.type}.{path}: the member has more lists")
            step = (kind, key or steps.pop(0))
            request[at].add(step)
            shape, at = shape.value if kind == "{" else shape.member, (*at, step)
        if steps:
            raise ValueError(f"members.txt: {block.type}.{path}: the member has fewer lists")
        if shape.type_name == "structure":
            # It has nothing in it, and is there.
            request[at]
        self.judge(block, path, shape, value)

    def judge(self, block, path, shape, value):
        for issue in values.issues(shape, value):
            self.find(block, path, issue, f"{shape.name} {value!r}"[:200])

    def structures(self, block, entry, operation, request):
        """Judges what a request has to have, and how long its lists are."""
        model = self.models.operation(entry.service, operation)
        for at, there in {(): set(), **request}.items():
            shape = model.input_shape
            for part in at:
                if isinstance(part, str):
                    shape = shape.members[part]
                else:
                    shape = shape.member if part[0] == "[" else shape.value
            if shape.type_name != "structure":
                for issue in values.range_issues(shape, len(there), "length"):
                    self.find(block, members.plain(at), issue, f"{shape.name} of {len(there)}")
                continue
            for name in shape.required_members:
                place = members.plain((*at, name))
                if (operation, place) in entry.added:
                    self.used.add((block.type, (operation, place)))
                elif name not in there:
                    self.find(block, place, "required", f"{operation} has no {place}")

    def find(self, block, path, issue, what):
        kind = f"{block.type}.{path}"
        self.findings.append(
            {"judge": "botocore", "issue": issue, "what": what, "kind": kind, "address": block.address}
        )


def tags(root):
    """The tags that the provider adds to every resource."""
    return root.sections[None]["provider"]["aws"]["default_tags"]["tags"]


def main(generated):
    table = members.read(Path(__file__).with_name("members.txt"))
    judge = Judge(table)
    resources = [it for root in roots.read(generated) for it in root.resources()]
    for block in resources:
        judge.resource(block)
    rows = {(type, row) for type, entry in table.items() for row in [*entry.rows, *entry.added]}
    idle = sorted(f"{type}: {row}" for type, row in rows - judge.used)
    said = {
        "resources": len(resources),
        "types": len({it.type for it in resources}),
        "values": judge.judged,
        "findings": judge.findings,
        "idle": idle,
    }
    json.dump(said, sys.stdout, indent=2)


try:
    main(*sys.argv[1:])
except ValueError as err:
    sys.exit(f"the arguments cannot be judged: {err}")
