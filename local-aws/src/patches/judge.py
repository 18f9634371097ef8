"""Checks the permissions of calls that a service makes, with a role or as itself. Several patches use it.

It logs each denied call, with the missing statement.
"""

import contextvars
import json
import secrets
import threading
import time

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, sts

# Whether to log denied calls. Those of the patches' own checks are not logged.
tells = False

# AWS's answer to the last denied call in this context.
said = contextvars.ContextVar("said", default=None)

# The access keys of the sessions of services, by role and session.
_keys = {}
# When a line was last logged, because a polling service is denied many times a second.
_told = {}
_lock = threading.Lock()
# How often to log the same line, in seconds.
AGAIN = 1.0


def under(role_arn, service, session, action, resource, source=None, context=None):
    """Returns why a service has no permission with a role, or None if it has."""
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is None or role["Arn"] != role_arn:
        return tell(service, action, resource, f"the role {role_arn} does not exist", "the role")
    # A trust policy may restrict the service to a resource.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    if not allows(role["AssumeRolePolicyDocument"], service, "sts:AssumeRole", "*", source):
        return tell(service, "sts:AssumeRole", role_arn, f"{role_arn} does not trust {service}", "the trust policy")
    return contextvars.copy_context().run(_judge, role, session, action, resource, context)


def by_policy(policy, service, action, resource, source):
    """Returns why the resource's policy does not allow a service to do this, or None if it does."""
    if policy and allows(policy, service, action, resource, source):
        return None
    why = f"no resource-based policy allows the {action} action"
    return tell(service, action, resource, why, f"the policy of {resource}", {"Service": service}, source)


def tell(who, action, resource, why, where, principal=None, source=None):
    """Returns the text of an access error, and logs it with the missing statement."""
    words = f"User: {who} is not authorized to perform: {action} on resource: {resource} because {why}"
    missing = {"Effect": "Allow", "Action": action, "Resource": resource}
    if principal:
        missing = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
        missing["Condition"] = {"ArnLike": {"aws:SourceArn": source}}
    log(f"{words}; missing in {where}: {json.dumps(missing)}")
    return words


def log(line):
    now = time.monotonic()
    with _lock:
        is_new = now - _told.get(line, -AGAIN) >= AGAIN
        if is_new:
            _told[line] = now
    if is_new and tells:
        print(f"denied: {line}", flush=True)


def allows(policy, service, action, resource, source):
    context = {"aws:sourceaccount": get_account_id()}
    if source:
        context["aws:sourcearn"] = source
    # A service principal belongs to no account.
    request = iam_evaluator.EvalContext(
        "*", "Service", "", action, resource, get_region(), service_context=context
    )
    return iam_evaluator.evaluate_resource_policy(policy, request, service).decision == "Allow"


def _judge(role, session, action, resource, context):
    # The service makes this call, independent of the caller of the original one.
    iam_evaluator._anonymous.set(False)
    iam_evaluator._signed_request.set(None)
    said.set(None)
    service = action.partition(":")[0]
    denied = iam_evaluator.enforce(_key(role, session), action, service, get_region(), resource, context)
    if denied is None:
        return None
    return said.get() or getattr(denied, "message", None) or f"{action} on {resource} is denied"


def _key(role, session):
    """Returns an access key for a session of a role."""
    name = get_account_id(), role["Arn"], session
    with _lock:
        key = _keys.get(name)
        if key not in sts._sessions:
            key = _keys[name] = f"ASIA{secrets.token_hex(8).upper()}"
            account = get_account_id()
            sts.register_session(key, {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/{session[:64]}",
                "AccountId": account,
                "UserId": f"{role['RoleId']}:{session[:64]}",
                "SecretAccessKey": secrets.token_hex(20),
                "SessionToken": secrets.token_hex(20),
                "PrincipalType": "AssumedRole",
            })
    return key


def role_of_check(name, service, statements):
    """Creates a role for the check of a patch. Returns its ARN."""
    arn = f"arn:aws:iam::{get_account_id()}:role/{name}"
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    iam._roles[name] = {
        "Arn": arn,
        "RoleName": name,
        "RoleId": f"AROA{name}",
        "AssumeRolePolicyDocument": json.dumps({"Statement": [trust]}),
        "InlinePolicies": {"rights": json.dumps({"Statement": statements})} if statements else {},
        "AttachedPolicies": [],
        "PermissionsBoundary": "",
        "Tags": [],
    }
    return arn


def headers_of_check(name, statements, service, target):
    """Creates a role for the check of a patch. Returns the headers of a request that a session of the role signs."""
    arn = role_of_check(name, "lambda.amazonaws.com", statements)
    key = _key(iam._roles[arn.rsplit("/", 1)[-1]], "session")
    scope = f"{key}/20260101/us-east-1/{service}/aws4_request"
    return {"x-amz-target": target, "authorization": f"AWS4-HMAC-SHA256 Credential={scope}"}
