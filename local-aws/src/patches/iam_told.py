"""An access error names the principal, the action, the resource and the reason.

AWS: the message names the principal, the action, the resource, and whether no identity-based policy, no permissions
boundary or no resource-based policy allows it. An anonymous caller of S3 may do what the bucket's policy allows. A service that assumes a role has the account that it works for as `aws:SourceAccount`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html

ministack: does not name the principal that may not assume a role, lets a service assume one as the account itself and without that key,
gives no reason but the identity-based policy, lets every anonymous caller of S3 do everything, and lets a call
through whose action it does not know. This patch refuses such a call, because AWS's answer is not known (`iam_unjudged`).
"""

import itertools
import json

from ministack.core import iam_actions, iam_evaluator
from ministack.core.iam_evaluator import EvalResult
from ministack.core.responses import get_account_id
from ministack.services import s3

from patches import judge
from patches.iam_unjudged import UNJUDGED

VERSION = "1.5.33"
SERVICE = iam_evaluator

BOUNDARY = "no permissions boundary allows"


def evaluate(original, ctx, policies, *limits):
    result = original(ctx, policies, *limits)
    if result.decision == "ImplicitDeny" and limits and original(ctx, policies).decision == "Allow":
        result.reason = BOUNDARY
    return result


def combine(original, identity, ctx, *args, **more):
    result = original(identity, ctx, *args, **more)
    if identity.decision == "Allow" and result.decision == "ImplicitDeny":
        result.reason = "no resource-based policy allows"
    return result


def enforce(original, access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    denied = original(access_key_id, iam_action, service, region, resource_arn, service_context)
    if denied is None:
        denied = _also(access_key_id, iam_action, service, region, resource_arn)
    if isinstance(denied, EvalResult):
        judge.said.set(_told(denied, iam_action, resource_arn))
    return denied


def trusts(original, trust, caller, ctx=None):
    # Only the account itself calls in the name of a service here.
    if caller.endswith(":root") and (ctx is None or ctx.action == "sts:AssumeRole"):
        services = list(_services(trust))
        if any(judge.allows(trust, it, "sts:AssumeRole", "*", None) for it in services):
            return True
        trust = _without_services(trust)
    is_trusted = original(trust, caller, ctx)
    if not is_trusted and ctx is not None:
        why = f"no resource-based policy allows the {ctx.action} action"
        judge.tell(caller, ctx.action, ctx.resource_arn, why, f"the trust policy of {ctx.resource_arn}")
    return is_trusted


def _statements(trust):
    document = json.loads(trust) if isinstance(trust, str) else trust
    statements = document.get("Statement", [])
    return [statements] if isinstance(statements, dict) else statements


def _without_services(trust):
    """A trust policy as it applies to a caller that is not a service."""
    kept = []
    for statement in _statements(trust):
        principal = statement.get("Principal")
        if isinstance(principal, dict):
            principal = {name: it for name, it in principal.items() if name != "Service"}
        kept.append({**statement, "Principal": principal} if "Principal" in statement else statement)
    return {"Statement": kept}


def _services(trust):
    """The services that a trust policy names."""
    for statement in _statements(trust):
        principal = statement.get("Principal")
        named = principal.get("Service", []) if isinstance(principal, dict) else []
        yield from [named] if isinstance(named, str) else named


def _also(key, action, service, region, resource):
    """Checks the calls that ministack allows."""
    if not iam_evaluator.is_root_access_key(key):
        if not action.endswith(UNJUDGED):
            return None
        principal = iam_evaluator.resolve_principal(key, get_account_id())
        return EvalResult("ImplicitDeny", principal_arn=principal.arn, reason=f"the emulator cannot judge {action}, which")
    # Presigned URLs have a check of their own.
    if service == "s3" and not key and iam_evaluator._anonymous.get():
        policy = (s3.bucket_policy_for_arn(resource) or ("",))[0]
        ctx = iam_evaluator.EvalContext("*", "Anonymous", "", action, resource, region)
        if not policy or iam_evaluator.evaluate_resource_policy(policy, ctx).decision != "Allow":
            return EvalResult("ImplicitDeny", principal_arn="anonymous", reason="no resource-based policy allows")
    return None


def _told(denied, action, resource):
    who = denied.principal_arn
    if denied.decision == "Deny":
        where = denied.resource_policy_arn
        words = (
            iam_actions._resource_policy_denial(action.partition(":")[0], action, who, where)
            if where
            else iam_actions.identity_denial_message(action, who, resource, True)
        )
        judge.log(words)
        return words
    reason = denied.reason
    if reason.startswith("the emulator"):
        why, where = f"{reason} AWS might refuse", "local-aws/src/patches: how to judge it"
    elif reason == BOUNDARY:
        why, where = f"{reason} the {action} action", "the permissions boundary"
    elif reason.startswith("no resource-based"):
        why, where = f"{reason} the {action} action", f"the policy of {resource}"
    else:
        why, where = f"no identity-based policy allows the {action} action", f"the policies of {_role(who)}"
    return judge.tell(who, action, resource, why, where)


def _role(arn):
    """Returns `role/name` if the caller is a session of a role."""
    rest = arn.rpartition(":")[2].split("/")
    return f"role/{rest[1]}" if rest[0] == "assumed-role" else "/".join(rest)


INSTEAD = {
    "evaluate": evaluate,
    "combine_resource_policy": combine,
    "enforce": enforce,
    "evaluate_trust_policy": trusts,
}


def is_faithful():
    number = itertools.count()

    def words(action, boundary=None, statement=None):
        name = f"role-{next(number)}"
        arn = judge.role_of_check(name, "lambda.amazonaws.com", [statement] if statement else [])
        if boundary:
            judge.iam._roles[name]["PermissionsBoundary"] = boundary
        return judge.under(arn, "lambda.amazonaws.com", "session", action, "arn:aws:dynamodb:::table/t") or ""

    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam_evaluator._anonymous.set(True)
    anonymous = iam_evaluator.enforce("", "s3:GetObject", "s3", "us-east-1", "arn:aws:s3:::bucket/key")
    iam_evaluator._anonymous.set(False)
    def is_trusted(account):
        named = {"Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "sts:AssumeRole"}
        named["Condition"] = {"StringEquals": {"aws:SourceAccount": account}}
        root = f"arn:aws:iam::{get_account_id()}:root"
        return iam_evaluator.evaluate_trust_policy({"Statement": named}, root)

    return (
        (is_trusted(get_account_id()), is_trusted("another")) == (True, False)
        and words("dynamodb:PutItem", statement=allow) == ""
        and "on resource: arn:aws:dynamodb:::table/t because no identity-based policy" in words("dynamodb:GetItem")
        and BOUNDARY in words("dynamodb:Query", "arn:aws:iam::111111111111:policy/none", allow)
        and "cannot judge" in words(f"dynamodb:{UNJUDGED}", statement=allow)
        and anonymous is not None
    )
