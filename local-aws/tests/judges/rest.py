"""Requests of the protocols rest-json and rest-xml: which operation one asks for, and what it sends."""

import collections
import re
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

import wire

# Parameters that every request may have: for its signature, its transport and its sender.
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
PLAIN_QUERY = re.compile("X-Amz-[A-Za-z-]+|x-id")
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
PLAIN_HEADERS = {
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-trailer",
    "x-amz-user-agent",
}

Route = collections.namedtuple("Route", "method path query literals operation")


def routes(service):
    """Every operation with the requests that ask for it."""
    found = []
    for name in service.operation_names:
        operation = service.operation_model(name)
        path, _, query = operation.http["requestUri"].partition("?")
        literals = len(re.sub(r"\{[^}]*\}", "", path))
        path = "".join(label(it) for it in re.split(r"(\{[^}]*\})", path))
        fixed = parse_qsl(query, keep_blank_values=True)
        found.append(Route(operation.http["method"], re.compile(path + "/?"), fixed, literals, operation))
    return found


def label(part):
    """A part of a path as a pattern."""
    if not part.startswith("{"):
        return re.escape(part)
    name = part.strip("{+}")
    return f"(?P<{name}>.+)" if part.endswith("+}") else f"(?P<{name}>[^/]+)"


def find(routes, request):
    """The routes of a request: those that it fits most closely."""
    best, found = None, []
    names = {name for name, _ in request.query}
    wanted = dict(request.query).get("x-id")
    for route in routes:
        if route.method != request.method or not route.path.fullmatch(request.path):
            continue
        if not all(it in request.query or (it[1] == "" and it[0] in names) for it in route.query):
            continue
        if wanted not in (None, route.operation.name):
            continue
        # Parameters that distinguish operations of one path must be sent: `uploadId`, `x-amz-copy-source`.
        outside = required_outside(route.operation)
        if not all(name in (names if place == "querystring" else request.headers) for place, name in outside):
            continue
        rank = (route.literals, len(route.query), len(outside), not route.operation.deprecated)
        if best is None or rank > best:
            best, found = rank, []
        if rank == best:
            found.append(route)
    return found


def required_outside(operation):
    """The required members that are sent in the query or a header, by their names there."""
    shape = operation.input_shape
    members = [shape.members[it].serialization for it in shape.required_members] if shape else []
    queries = [("querystring", it["name"]) for it in members if it.get("location") == "querystring"]
    return queries + [("header", it["name"].lower()) for it in members if it.get("location") == "header"]


def read(route, request, protocol):
    """The input of a request, by the names of the members."""
    shape = route.operation.input_shape
    labels = route.path.fullmatch(request.path).groupdict()
    query = collections.defaultdict(list)
    for name, value in request.query:
        query[name].append(value)
    # The known parameters and headers.
    known, headers = {name for name, _ in route.query}, PLAIN_HEADERS | checksums(route.operation)
    sent, body = {}, {}
    for name, member in (shape.members if shape else {}).items():
        at = member.serialization.get("name", name)
        match member.serialization.get("location"):
            case "uri":
                sent[name] = wire.of_text(member, unquote(labels[at]))
            case "querystring" if member.type_name == "map":
                sent[name] = {it: wire.of_text(member.value, values[0]) for it, values in query.items() if it not in known}
                known |= set(query)
            case "querystring":
                known.add(at)
                if at in query:
                    sent[name] = of_query(member, query[at])
            case "header":
                headers.add(at.lower())
                if at.lower() in request.headers:
                    sent[name] = of_header(member, request.headers[at.lower()])
            case "headers":
                found = {it: value for it, value in request.headers.items() if it.startswith(at.lower())}
                headers |= set(found)
                sent[name] = {it.removeprefix(at.lower()): value for it, value in found.items()}
            case None:
                body[name] = member
            case other:
                raise ValueError(f"{route.operation.name}.{name}: the location {other} is not understood")
    for name in query:
        if name not in known and not PLAIN_QUERY.fullmatch(name):
            sent[wire.Stray(f"?{name}")] = query[name]
    for name, value in request.headers.items():
        if name.startswith("x-amz-") and name not in headers:
            sent[wire.Stray(name)] = value
    sent.update(of_body(shape, body, request, protocol))
    return sent


def checksums(operation):
    """The headers that may have a checksum of the body, where the operation takes one.

    https://smithy.io/2.0/aws/aws-core.html#aws-protocols-httpchecksum-trait
    """
    member = operation.http_checksum.get("requestAlgorithmMember")
    algorithms = operation.input_shape.members[member].enum if member else []
    return {f"x-amz-checksum-{it.lower()}" for it in algorithms}


def of_query(member, values):
    if member.type_name == "list":
        return [wire.of_text(member.member, it) for it in values]
    return wire.of_text(member, values[0]) if len(values) == 1 else wire.Wrong(values)


def of_header(member, text):
    if member.type_name == "list":
        return [wire.of_text(member.member, it.strip()) for it in text.split(",")]
    if member.type_name == "timestamp":
        return wire.of_time(member, text, "rfc822")
    return wire.of_text(member, text)


def of_body(shape, members, request, protocol):
    """The members that the body sends."""
    payload = shape.serialization.get("payload") if shape else None
    if payload is not None and shape.members[payload].type_name in ("blob", "string"):
        # It is the body as it stands, and of a blob nothing but its length can be wrong.
        if request.body is None:
            return {payload: wire.Unread()}
        is_blob = shape.members[payload].type_name == "blob"
        return {payload: request.body if is_blob else request.body.decode()} if request.body else {}
    body = request.known_body()
    if not body.strip():
        return {}
    if not members:
        raise wire.Unreadable("there is one, and the operation takes none")
    if payload is not None:
        return {payload: whole(shape.members[payload], body, protocol)}
    found = whole(shape, body, protocol, members)
    if not isinstance(found, dict):
        raise wire.Unreadable("it is not a structure")
    return found


def whole(shape, body, protocol, members=None):
    if protocol == "rest-json":
        return wire.of_json(shape, wire.json_of(body), members)
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise wire.Unreadable(f"it is not XML: {error}") from error
    expected = shape.serialization.get("name", shape.name)
    if wire.local(root.tag) != expected:
        raise wire.Unreadable(f"it is <{wire.local(root.tag)}> instead of <{expected}>")
    return wire.of_xml(shape, root, members)
