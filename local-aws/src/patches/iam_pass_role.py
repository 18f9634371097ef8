"""A caller needs iam:PassRole to give a role to a service.

AWS: `iam:PassRole` on that role, for that service, of whoever makes or changes what the role is for.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html

ministack: does not check this permission.
"""

import asyncio
import json

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.router import detect_service, extract_access_key_id, extract_region

from patches import judge

VERSION = "1.5.33"
SERVICE = app

# Calls that create or change something. Other calls only mention a role.
MAKING = ("Create", "Update", "Put", "Register", "Run", "Modify", "PATCH")
# Services in whose data a role is only a text, and those that create and assume roles.
DATA = {"dynamodb", "iam", "kinesis", "logs", "s3", "sns", "sqs", "sts"}


async def dispatch(original, method, path, headers, body, query_params, request_id):
    refused = None
    # Most calls name no role.
    if b":role/" in body:
        refused = _refused(method, path, headers, body, query_params, request_id)
    return refused or await original(method, path, headers, body, query_params, request_id)


def _refused(method, path, headers, body, query_params, request_id):
    params = app._routing_params(method, path, headers, body, query_params)
    service = detect_service(method, path, headers, params)
    if service in DATA or not body.startswith(b"{"):
        return None
    action = iam_actions.extract_iam_action(service, method, path, headers, body, params)
    namespace, _, name = action.partition(":")
    if not name.startswith(MAKING):
        return None
    key = extract_access_key_id(headers, query_params)
    context = {"iam:PassedToService": f"{namespace}.amazonaws.com"}
    try:
        roles = sorted(set(_roles(json.loads(body))))
    except ValueError:
        return None
    for role in roles:
        denied = iam_evaluator.enforce(key, "iam:PassRole", "iam", extract_region(headers), role, context)
        if isinstance(denied, iam_evaluator.AuthError):
            return app._credential_failure(service, action, request_id, denied, headers)
        if denied:
            return iam_actions.access_denied_response(
                service, "iam:PassRole", denied.principal_arn, request_id, headers=headers, resource_arn=role,
                explicit_deny=denied.decision == "Deny",
            )
    return None


def _roles(value):
    if isinstance(value, str) and value.startswith("arn:aws:iam::") and ":role/" in value:
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _roles(item)


INSTEAD = {"_dispatch_service_request": dispatch}


def is_faithful():
    role = "arn:aws:iam::111111111111:role/passed"
    body = json.dumps({"name": "machine", "roleArn": role, "definition": "no JSON"}).encode()

    def status(name, statements):
        headers = judge.headers_of_check(name, statements, "states", "AWSStepFunctions.CreateStateMachine")
        call = app._dispatch_service_request("POST", "/", headers, body, {}, "request")
        return asyncio.run(call)[2]

    make = {"Effect": "Allow", "Action": "states:*", "Resource": "*"}
    hand_on = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role}
    hand_on["Condition"] = {"StringEquals": {"iam:PassedToService": "states.amazonaws.com"}}
    return b"iam:PassRole" in status("maker", [make]) and b"iam:PassRole" not in status("passer", [make, hand_on])
