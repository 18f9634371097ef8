"""The log names each right of a role that a call needs, once.

AWS: IAM Access Analyzer reports the unused rights of a role.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings-view.html

ministack: does not say which statement allows a call.

A right is an action on a resource, both as a policy writes them. A call needs it if no other right of the role allows the
call. A right that no call needs can be removed from the role.
"""

import contextvars
import json
import threading

from ministack.core import iam_evaluator

from patches import judge

VERSION = "1.5.33"
SERVICE = iam_evaluator

_needed = set()
# The policy of a resource is not a right of a role.
_of_resource = contextvars.ContextVar("of_resource", default=False)
_lock = threading.Lock()


def evaluate(original, ctx, policies, *limits):
    result = original(ctx, policies, *limits)
    if result.decision == "Allow" and ctx.principal_type == "AssumedRole" and not _of_resource.get():
        rights = set(_rights(ctx, policies))
        if len(rights) == 1:
            _tell(iam_evaluator._role_name_from_assumed_arn(ctx.principal_arn), *rights.pop(), ctx)
    return result


def evaluate_resource(original, *args, **more):
    before = _of_resource.set(True)
    try:
        return original(*args, **more)
    finally:
        _of_resource.reset(before)


def _rights(ctx, policies):
    """The rights that allow a call."""
    for stmt in (it for statements in policies for it in statements):
        if iam_evaluator._first_match(ctx, [stmt], "Allow"):
            for action in stmt.actions:
                if iam_evaluator.fnmatch_iam(ctx.action, action):
                    for resource in stmt.resources:
                        if iam_evaluator.fnmatch_iam_cs(ctx.resource_arn, resource):
                            yield action, resource, json.dumps(stmt.conditions, sort_keys=True)


def _tell(role, action, on, condition, ctx):
    right = role, action, on, condition
    with _lock:
        is_new = right not in _needed
        _needed.add(right)
    if is_new and judge.tells:
        names = "role", "action", "on", "condition"
        said = {**dict(zip(names, right)), "call": ctx.action, "resource": ctx.resource_arn}
        print(f"needed: {json.dumps({**said, 'condition': json.loads(condition)})}", flush=True)


INSTEAD = {"evaluate": evaluate, "evaluate_resource_policy": evaluate_resource}


def is_faithful():
    _needed.clear()
    read = {"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"], "Resource": ["*", "queue"]}
    also = {"Effect": "Allow", "Action": "sqs:Delete*", "Resource": "*"}
    policies = [iam_evaluator.parse_policy_document({"Statement": [read, also]})]
    caller = "arn:aws:sts::111111111111:assumed-role/reader/session"

    def call(action, resource):
        ctx = iam_evaluator.EvalContext(caller, "AssumedRole", "111111111111", action, resource, "us-east-1")
        iam_evaluator.evaluate(ctx, policies)

    call("sqs:ReceiveMessage", "another")
    call("sqs:ReceiveMessage", "queue")
    call("sqs:DeleteMessage", "another")
    call("sqs:DeleteQueue", "another")
    of_queue = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}
    ctx = iam_evaluator.EvalContext(caller, "AssumedRole", "111111111111", "sqs:SendMessage", "queue", "us-east-1")
    iam_evaluator.evaluate_resource_policy(of_queue, ctx)
    found = {it[:3] for it in _needed}
    _needed.clear()
    return found == {("reader", "sqs:ReceiveMessage", "*"), ("reader", "sqs:Delete*", "*")}
