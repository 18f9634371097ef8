"""A recorded request, and which operation of which service it asks for."""

import base64
import collections
import json
from urllib.parse import parse_qsl

import rest
import wire

# A service by the name that requests are signed for, where botocore's folder has another one.
SERVICES = {
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}


# The operation of a request, its protocol, and the route of a REST protocol.
Call = collections.namedtuple("Call", "operation protocol route", defaults=[None])


class Unknown(Exception):
    """No operation can be found. The text says why."""


class Request:
    """A line of a recording."""

    def __init__(self, line):
        written = json.loads(line)
        self.method, self.path, self.signed = written["method"], written["path"], written["signed"]
        self.headers = written["headers"]
        self.query = parse_qsl(written["query"], keep_blank_values=True)
        # None where the recorder left it out.
        self.body = None
        if "body" in written:
            self.body = written["body"].encode()
        elif "base64" in written:
            self.body = base64.b64decode(written["base64"])

    def known_body(self):
        if self.body is None:
            raise wire.Unreadable("it is so long that the recorder left it out")
        return self.body

    def form(self):
        """The input of a request of the Query protocol. None if the request has another protocol."""
        if self.method == "POST" and self.path == "/" and "x-amz-target" not in self.headers and self.body is not None:
            kind = self.headers.get("content-type", "")
            if kind.startswith("application/x-www-form-urlencoded"):
                return dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        return None


class Models:
    """The services' models, each read once."""

    def __init__(self, session):
        self.session, self.services, self.routes = session, {}, {}

    def service(self, name):
        if name not in self.services:
            try:
                self.services[name] = self.session.get_service_model(name)
            except Exception as error:
                raise Unknown(f"botocore has no service {name}") from error
        return self.services[name]

    def call(self, request):
        """The operation of a request."""
        if request.signed is None:
            raise Unknown("it is not signed, so its service is not known")
        service = self.service(SERVICES.get(request.signed, request.signed))
        target, form = request.headers.get("x-amz-target"), request.form()
        if target is not None:
            prefix, _, name = target.rpartition(".")
            if prefix != service.metadata.get("targetPrefix"):
                raise Unknown(f"the target {target} is none of {service.service_name}")
            return Call(named(service, name), "json")
        if form is not None:
            if form.get("Version") != service.metadata["apiVersion"]:
                raise Unknown(f"{form.get('Version')!r} is not a version of {service.service_name}")
            return Call(named(service, form.get("Action")), "query")
        protocol = service.resolved_protocol
        if not protocol.startswith("rest-"):
            raise Unknown(f"{service.service_name} speaks {protocol}, and this request has another protocol")
        if service.service_name not in self.routes:
            self.routes[service.service_name] = rest.routes(service)
        found = rest.find(self.routes[service.service_name], request)
        if len(found) != 1:
            names = " or ".join(sorted(it.operation.name for it in found)) or "not an operation"
            raise Unknown(f"it is {names} of {service.service_name}")
        return Call(found[0].operation, protocol, found[0])


def named(service, name):
    if name not in service.operation_names:
        raise Unknown(f"{service.service_name} has no operation {name}")
    return service.operation_model(name)
