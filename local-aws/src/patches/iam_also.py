"""Some calls need more rights than one.

AWS: creating a resource with tags needs the permission to tag it. An alias of a key needs a permission on the key, too, a firewall
on the rule groups of AWS that it names, and an association of a firewall on both ends. WAF creates the log delivery with the permissions of
the caller. The pages of these calls list these permissions, in addition to the reference.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html
https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html

ministack: asks for one right.
"""

import asyncio
import json

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.core.router import detect_service, extract_access_key_id, extract_region
from ministack.services import kms, waf

from patches import judge
from patches.iam_request import json_of, member_of

VERSION = "1.5.33"
SERVICE = app

# Actions that create a resource, the member with its tags, and the action that tags it.
TAGS = {
    "cloudwatch:PutMetricAlarm": ("Tags", "cloudwatch:TagResource"),
    "dynamodb:CreateTable": ("Tags", "dynamodb:TagResource"),
    "iam:CreateRole": ("Tags", "iam:TagRole"),
    "kms:CreateKey": ("Tags", "kms:TagResource"),
    "lambda:CreateEventSourceMapping": ("Tags", "lambda:TagResource"),
    "lambda:CreateFunction": ("Tags", "lambda:TagResource"),
    "logs:CreateLogGroup": ("tags", "logs:TagResource"),
    "sns:CreateTopic": ("Tags", "sns:TagResource"),
    "sqs:CreateQueue": ("tags", "sqs:TagQueue"),
    "states:CreateStateMachine": ("tags", "states:TagResource"),
    "wafv2:CreateWebACL": ("Tags", "wafv2:TagResource"),
}

# The resource that is tagged, where the call that makes it has none: its id is not known before.
MADE = {
    "kms:CreateKey": "arn:aws:kms:{region}:{account}:key/new",
    "lambda:CreateEventSourceMapping": "arn:aws:lambda:{region}:{account}:event-source-mapping:new",
}

# Who WAF sets up a log for.
LOG = (
    "logs:CreateLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:PutResourcePolicy",
)


def also(action, resource, body, params, region):
    """The permissions that a call needs in addition to its own action: actions with their resources."""
    account = get_account_id()
    members = json_of(body) if body[:1] == b"{" else {}
    if action in TAGS:
        member, tag = TAGS[action]
        if members.get(member) or any(it.startswith(f"{member}.") for it in params):
            made = MADE.get(action, resource).format(region=region, account=account)
            yield tag, made
    if action == "kms:CreateKey" and members.get("Policy"):
        yield "kms:PutKeyPolicy", MADE[action].format(region=region, account=account)
    if action in ("kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"):
        named = [members.get("TargetKeyId"), kms._aliases.get(resource)]
        for key in sorted({it.rpartition("/")[2] for it in named if it}):
            yield action, f"arn:aws:kms:{region}:{account}:key/{key}"
    if action == "lambda:CreateFunction" and members.get("Publish"):
        yield "lambda:PublishVersion", resource
    if action in ("wafv2:CreateWebACL", "wafv2:UpdateWebACL"):
        scope = "regional" if members.get("Scope") == "REGIONAL" else "global"
        for vendor, name in sorted(set(groups(members.get("Rules")))):
            yield action, f"arn:aws:wafv2:{region}:{account}:{scope}/managedruleset/{vendor}/{name}"
    if action == "wafv2:GetWebACLForResource" and resource in waf._associations:
        yield action, waf._associations[resource]
    if action == "wafv2:AssociateWebACL":
        yield action, members.get("ResourceArn", "*")
    if action in ("wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"):
        yield "apigateway:SetWebACL", members.get("ResourceArn", "*")
    if action == "wafv2:PutLoggingConfiguration":
        yield from ((it, "*") for it in LOG)
    if action == "wafv2:DeleteLoggingConfiguration":
        yield "logs:DeleteLogDelivery", "*"
    if action in ("apigateway:POST", "apigateway:PATCH") and b"olicy" in body and is_policy(action, members):
        yield "apigateway:UpdateRestApiPolicy", resource


def groups(value):
    """The managed rule groups that rules name, however deep."""
    if isinstance(value, dict):
        group = value.get("ManagedRuleGroupStatement")
        if isinstance(group, dict):
            yield group.get("VendorName"), group.get("Name")
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from groups(item)


def is_policy(action, members):
    """Whether a request changes the policy of an API."""
    if action == "apigateway:POST":
        return bool(members.get("policy"))
    changes = members.get("patchOperations") or []
    return any(it.get("path") == "/policy" for it in changes if isinstance(it, dict))


async def dispatch(original, method, path, headers, body, query_params, request_id):
    refused = _refused(method, path, headers, body, query_params, request_id)
    return refused or await original(method, path, headers, body, query_params, request_id)


def _refused(method, path, headers, body, query_params, request_id):
    params = app._routing_params(method, path, headers, body, query_params)
    service = detect_service(method, path, headers, params)
    if service not in SERVICES:
        return None
    region = extract_region(headers)
    call = service, method, path, headers, body, params
    action = iam_actions.extract_iam_action(*call)
    if action not in ACTIONS:
        return None
    resource = iam_actions.extract_resource_arn(*call, region, get_account_id())
    key = extract_access_key_id(headers, query_params)
    for needed, on in also(action, resource, body, params, region):
        context = iam_actions.request_tag_context(service, action, body, params)
        denied = iam_evaluator.enforce(key, needed, needed.partition(":")[0], region, on, context)
        if isinstance(denied, iam_evaluator.AuthError):
            return app._credential_failure(service, action, request_id, denied, headers)
        if denied:
            return iam_actions.access_denied_response(
                service, needed, denied.principal_arn, request_id, headers=headers, resource_arn=on,
                explicit_deny=denied.decision == "Deny", resource_policy_arn=denied.resource_policy_arn,
            )
    return None


# As `detect_service` calls those that have such calls.
SERVICES = {"apigateway", "dynamodb", "iam", "kms", "lambda", "logs", "monitoring", "sns", "sqs", "states", "wafv2"}

# Those that this is about.
ACTIONS = {
    *TAGS,
    "apigateway:PATCH",
    "apigateway:POST",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:UpdateAlias",
    "wafv2:AssociateWebACL",
    "wafv2:DeleteLoggingConfiguration",
    "wafv2:DisassociateWebACL",
    "wafv2:GetWebACLForResource",
    "wafv2:PutLoggingConfiguration",
    "wafv2:UpdateWebACL",
}

INSTEAD = {"_dispatch_service_request": dispatch}


def is_faithful():
    body = json.dumps({"QueueName": "q", "tags": {"a": "b"}}).encode()
    make = {"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "*"}
    tag = {"Effect": "Allow", "Action": "sqs:TagQueue", "Resource": "*"}

    def status(name, statements):
        headers = judge.headers_of_check(name, statements, "sqs", "AmazonSQS.CreateQueue")
        return asyncio.run(app._dispatch_service_request("POST", "/", headers, body, {}, "request"))[0]

    return (status("maker", [make]), status("tagger", [make, tag])) == (403, 200)
