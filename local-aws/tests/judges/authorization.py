"""The action and the resource that the emulator reads from a request, for every action of the roles that deploy.

    python -B authorization.py generated [patch ...] > requests.json

Without names of patches, ministack is as it is. botocore writes the request, with a name for each member that needs one.
"""

import contextlib
import json
import pathlib
import sys
import urllib.parse

import botocore.serialize
import botocore.session

SOURCE = pathlib.Path(__file__).parents[2] / "src"
sys.path.insert(0, str(SOURCE))

from ministack import app
from ministack.core import iam_actions
from ministack.core.responses import request_scope
from ministack.core.router import detect_service

import patches

REGION, ACCOUNT = "ap-south-1", "111111111111"
# Services whose name in IAM is not botocore's.
MODELS = {"states": "stepfunctions"}
# Two services whose paths say all: their actions are HTTP's methods, or those of objects.
BY_PATH = {"apigateway", "s3"}

KEY = "11111111-2222-3333-4444-555555555555"
# Members by name, in small letters.
VALUES = {
    "aliasname": "alias/dofs-dev-name",
    "executionarn": f"arn:aws:states:{REGION}:{ACCOUNT}:execution:dofs-dev-name:one",
    "keyid": KEY,
    "loggroupname": "/aws/lambda/dofs-dev-name",
    "queueurl": f"http://127.0.0.1/{ACCOUNT}/dofs-dev-name",
    "targetkeyid": KEY,
    "uuid": KEY,
}
# The ARN that a service's other members have.
ARNS = {
    "cloudwatch": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:dofs-dev-name",
    "dynamodb": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/dofs-dev-name",
    "lambda": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dofs-dev-name",
    "logs": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/dofs-dev-name",
    "sns": f"arn:aws:sns:{REGION}:{ACCOUNT}:dofs-dev-name",
    "states": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:dofs-dev-name",
    "wafv2": f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/dofs-dev-name/{KEY}",
}
# Optional members that say what a request is about.
ALSO = {"AlarmNames", "DashboardNames", "Id", "KeyId", "Name", "Scope", "logGroupName", "Tags", "tags"}
# Calls of WAF that are about what a firewall protects.
STAGE = f"arn:aws:apigateway:{REGION}::/restapis/name/stages/dev"
PROTECTED = {"AssociateWebACL", "DisassociateWebACL", "GetWebACLForResource"}


def value(shape, name, service):
    if shape.type_name == "structure":
        wanted = [*shape.required_members, *(it for it in ALSO if it in shape.members)]
        return {it: value(shape.members[it], it, service) for it in wanted}
    if shape.type_name == "list":
        return [value(shape.member, name, service)]
    if shape.type_name == "map":
        return {"name": value(shape.value, name, service)}
    if shape.type_name == "string":
        if name.lower() in VALUES:
            return VALUES[name.lower()]
        if shape.enum:
            return "REGIONAL" if "REGIONAL" in shape.enum else shape.enum[0]
        return ARNS[service] if name.lower().endswith(("arn", "resource")) and service in ARNS else "dofs-dev-name"
    return {"blob": b"x", "boolean": True, "double": 1.0, "float": 1.0}.get(shape.type_name, 10)


def request(model, operation, service):
    """Method, path, headers, body and query of a call."""
    shape = operation.input_shape
    given = value(shape, "", service) if shape else {}
    if operation.name in PROTECTED:
        given["ResourceArn"] = STAGE
    # The provider speaks the older protocol with CloudWatch.
    protocol = "query" if service == "cloudwatch" else model.resolved_protocol
    made = botocore.serialize.create_serializer(protocol, False).serialize_to_request(given, operation)
    path, _, query = made["url_path"].partition("?")
    query = urllib.parse.parse_qs(query, keep_blank_values=True)
    more = made.get("query_string") or {}
    query |= {name: it if isinstance(it, list) else [it] for name, it in dict(more).items()}
    headers = {name.lower(): it for name, it in made["headers"].items()}
    body = made["body"]
    if isinstance(body, dict):
        body = urllib.parse.urlencode(body)
        headers["content-type"] = "application/x-www-form-urlencoded"
    scope = f"{REGION}/{model.signing_name}/aws4_request"
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential=AKIA/20260101/{scope}"
    return made["method"], path, headers, body.encode() if isinstance(body, str) else body, query


def taken_for(call):
    """The actions and resources that the emulator asks for."""
    from patches import iam_also

    method, path, headers, body, query = call
    params = app._routing_params(method, path, headers, body, query)
    service = detect_service(method, path, headers, params)
    parts = service, method, path, headers, body, params
    action = iam_actions.extract_iam_action(*parts)
    resource = iam_actions.extract_resource_arn(*parts, REGION, ACCOUNT)
    return [(action, resource), *iam_also.also(action, resource, body, params, REGION)]


def actions(generated):
    """Every action of a role that deploys."""
    for file in pathlib.Path(generated, "bootstrap").glob("*/modules/delivery/main.tf.json"):
        documents = json.loads(file.read_text())["data"]["aws_iam_policy_document"]
        for name, document in documents.items():
            if not name.endswith("_trust"):
                yield from (action for statement in document["statement"] for action in statement["actions"])


def main(generated, *names):
    # The patches print their names on the standard output.
    with contextlib.redirect_stdout(sys.stderr):
        patches.lay_on(names)
    session = botocore.session.get_session()
    found = []
    for name in sorted(set(actions(generated))):
        service, _, call = name.partition(":")
        if service in BY_PATH:
            continue
        model = session.get_service_model(MODELS.get(service, service))
        if call not in model.operation_names:
            continue
        with request_scope(ACCOUNT, REGION):
            asked = taken_for(request(model, model.operation_model(call), service))
        found.append({"call": name, "asked": [{"action": it, "resource": on} for it, on in asked]})
    json.dump(found, sys.stdout)


main(*sys.argv[1:])
