"""Condition keys have the values that AWS gives them.

AWS: `aws:SecureTransport` is true where a client speaks TLS, as the SDKs, Terraform and the services themselves do.
`aws:PrincipalArn` is the ARN of the role where a session of it calls.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

ministack: the first is false, because its clients use HTTP on this machine, so a policy that demands TLS denies everybody.
The second is the ARN of the session.
"""

from ministack.core import iam_evaluator
from ministack.services import iam

VERSION = "1.5.33"
SERVICE = iam_evaluator


def resolve(original, key, ctx):
    name = key.lower()
    if name == "aws:securetransport":
        return "true"
    if name == "aws:principalarn" and ":assumed-role/" in ctx.principal_arn:
        role = iam_evaluator._role_name_from_assumed_arn(ctx.principal_arn)
        # Only the ARN of the role contains its path.
        found = iam._roles.get_scoped(ctx.principal_account, None, role) or {}
        return found.get("Arn") or f"arn:aws:iam::{ctx.principal_account}:role/{role}"
    return original(key, ctx)


INSTEAD = {"_resolve_condition_key": resolve}


def is_faithful():
    only_tls = {"Bool": {"aws:SecureTransport": "false"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": only_tls}
    caller = "arn:aws:sts::111111111111:assumed-role/caller/session"
    request = iam_evaluator.EvalContext(caller, "AssumedRole", "111111111111", "sqs:SendMessage", "queue", "us-east-1")
    role = iam_evaluator._resolve_condition_key("aws:PrincipalArn", request)
    denied = iam_evaluator.evaluate_resource_policy({"Statement": [statement]}, request).decision == "Deny"
    return not denied and role == "arn:aws:iam::111111111111:role/caller"
