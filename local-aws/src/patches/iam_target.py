"""A schedule and a rule need a permission to call their target.

AWS: a schedule calls its target under its role. A rule calls a function, a queue or a topic as EventBridge, which the
policy of the target must allow, and everything else under the role of the target.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html

ministack: calls every target as the account itself.
"""

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, lambda_svc, sns, sqs

from patches import judge

VERSION = "1.5.33"
SERVICE = eventbridge

# The action that calls a target, by the service in its ARN.
ACTIONS = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "states": "states:StartExecution",
}
# The policy of a target, if it has one.
POLICIES = {
    "lambda": lambda_svc.function_policy_for_arn,
    "sns": sns.topic_policy_for_arn,
    "sqs": sqs.queue_policy_for_arn,
}


def invoke(original, target, event, rule, view=None):
    return None if _why(target, rule) else original(target, event, rule, view)


def _why(target, rule):
    arn, role = target.get("Arn", ""), target.get("RoleArn")
    source, service = rule.get("Arn", ""), (arn.split(":") + [""] * 3)[2]
    action = ACTIONS.get(service, f"{service}:UnknownAction")
    if ":scheduler:" in source:
        return judge.under(role or "no role", "scheduler.amazonaws.com", rule["Name"], action, arn, source)
    policy = POLICIES.get(service)
    if policy is None:
        return judge.under(role or "no role", "events.amazonaws.com", rule.get("Name", ""), action, arn, source)
    return judge.by_policy((policy(arn) or ("",))[0], "events.amazonaws.com", action, arn, source)


INSTEAD = {"_invoke_target": invoke}


def is_faithful():
    queue = "arn:aws:sqs:us-east-1:111111111111:queue"
    event = {"EventId": "1", "Source": "aws.scheduler", "DetailType": "d", "Detail": "{}", "Time": 0, "Resources": []}
    event.update(Account=get_account_id(), Region=get_region())
    arrived = []
    dispatch, eventbridge._dispatch_to_sqs = eventbridge._dispatch_to_sqs, lambda *it: arrived.append(it)
    in_scope, eventbridge._target_matches_request_scope = eventbridge._target_matches_request_scope, lambda _: True

    def arrives(name, statements):
        arrived.clear()
        role = judge.role_of_check(name, "scheduler.amazonaws.com", statements)
        schedule = {"Arn": f"arn:aws:scheduler:::schedule/default/{name}", "Name": name}
        eventbridge._invoke_target({"Arn": queue, "RoleArn": role, "Input": "{}"}, event, schedule)
        return bool(arrived)

    try:
        allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}
        return arrives("may", [allow]) and not arrives("may-not", [])
    finally:
        eventbridge._dispatch_to_sqs, eventbridge._target_matches_request_scope = dispatch, in_scope
