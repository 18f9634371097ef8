"""A call needs its own action, on the resource that it is about, and has the condition keys of its service.

AWS: the Service Authorization Reference says which action and which resource. Lambda's actions are called as its API is. A
role and a schedule have the path or the group in their ARN that they are made with. `iam:PermissionsBoundary` is the boundary in the request, or that of the role that it changes.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

ministack: takes some calls on an alias, a concurrency or an event source mapping of Lambda for others, and for many calls
knows no resource, so that only a policy about all resources allows them. The resource is `*` if AWS has no resource for the call, either. It knows no
`iam:PermissionsBoundary`.
"""

import json
import re
from urllib.parse import unquote

from ministack.core import iam_actions
from ministack.services import iam, kms

VERSION = "1.5.33"
SERVICE = iam_actions

# The last parts of a path of Lambda, without the date before them, by what ministack takes for something else.
LAMBDA = [
    (re.compile(r"^account-settings$"), {"GET": "GetAccountSettings"}),
    (
        re.compile(r"^functions/[^/]+/aliases/[^/]+$"),
        {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"},
    ),
    (
        re.compile(r"^functions/[^/]+/concurrency$"),
        {"GET": "GetFunctionConcurrency", "PUT": "PutFunctionConcurrency", "DELETE": "DeleteFunctionConcurrency"},
    ),
    (
        re.compile(r"^event-source-mappings/[^/]+$"),
        {
            "GET": "GetEventSourceMapping",
            "PUT": "UpdateEventSourceMapping",
            "DELETE": "DeleteEventSourceMapping",
        },
    ),
]

# The member of a request that has the ARN of what it is about.
ARN_IN = {
    "cloudwatch:ListTagsForResource": "ResourceARN",
    "cloudwatch:TagResource": "ResourceARN",
    "cloudwatch:UntagResource": "ResourceARN",
    "dynamodb:ListTagsOfResource": "ResourceArn",
    "dynamodb:TagResource": "ResourceArn",
    "dynamodb:UntagResource": "ResourceArn",
    "sns:ListTagsForResource": "ResourceArn",
    "sns:TagResource": "ResourceArn",
    "sns:UntagResource": "ResourceArn",
    "states:ListTagsForResource": "resourceArn",
    "states:TagResource": "resourceArn",
    "states:UntagResource": "resourceArn",
    "wafv2:AssociateWebACL": "WebACLArn",
    "wafv2:DeleteLoggingConfiguration": "ResourceArn",
    "wafv2:DisassociateWebACL": "ResourceArn",
    "wafv2:GetLoggingConfiguration": "ResourceArn",
    "wafv2:GetWebACLForResource": "ResourceArn",
    "wafv2:ListTagsForResource": "ResourceARN",
    "wafv2:TagResource": "ResourceARN",
    "wafv2:UntagResource": "ResourceARN",
}

# The same for a name, and the ARN that it is a part of.
NAME_IN = {
    "cloudwatch:DeleteAlarms": ("AlarmNames", "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"),
    "cloudwatch:DeleteDashboards": ("DashboardNames", "arn:aws:cloudwatch::{account}:dashboard/{name}"),
    "cloudwatch:DescribeAlarms": ("AlarmNames", "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"),
    "cloudwatch:GetDashboard": ("DashboardName", "arn:aws:cloudwatch::{account}:dashboard/{name}"),
    "cloudwatch:PutDashboard": ("DashboardName", "arn:aws:cloudwatch::{account}:dashboard/{name}"),
    "kms:CreateAlias": ("AliasName", "arn:aws:kms:{region}:{account}:{name}"),
    "kms:DeleteAlias": ("AliasName", "arn:aws:kms:{region}:{account}:{name}"),
    "kms:UpdateAlias": ("AliasName", "arn:aws:kms:{region}:{account}:{name}"),
    "lambda:CreateFunction": ("FunctionName", "arn:aws:lambda:{region}:{account}:function:{name}"),
}

# The member of a request that names the key of what it makes, for `iam_key_use`.
KEY_IN = {
    "dynamodb:CreateTable": lambda it: (it.get("SSESpecification") or {}).get("KMSMasterKeyId"),
    "scheduler:CreateSchedule": lambda it: it.get("KmsKeyArn"),
    "scheduler:UpdateSchedule": lambda it: it.get("KmsKeyArn"),
}
# The name under which `enforce` finds it. No policy of AWS has this name.
GIVEN = "emulator:key"


def action(original, service, method, path, headers, body, query_params):
    if service == "lambda":
        rest = unquote(path).strip("/").partition("/")[2]
        for pattern, by_method in LAMBDA:
            if pattern.match(rest):
                # The action that AWS would require for another method is not known.
                return f"lambda:{by_method[method]}" if method in by_method else None
    return original(service, method, path, headers, body, query_params)


def resource(original, service, method, path, headers, body, query_params, region, account):
    found = original(service, method, path, headers, body, query_params, region, account)
    name = iam_actions.extract_iam_action(service, method, path, headers, body, query_params) or ""
    # It is about all keys, also where it asks for the aliases of one.
    if name == "kms:ListAliases":
        return "*"
    if member := ARN_IN.get(name):
        return member_of(body, query_params, member) or found
    if name in NAME_IN:
        member, arn = NAME_IN[name]
        given = member_of(body, query_params, member)
        return arn.format(region=region, account=account, name=given) if given else found
    if name == "wafv2:PutLoggingConfiguration":
        return (json_of(body).get("LoggingConfiguration") or {}).get("ResourceArn") or found
    if service == "kms" and ":alias/" in found:
        return key_of_alias(found)
    if service == "wafv2" and json_of(body).get("Id"):
        return f"{found.rpartition('/')[0]}/{json_of(body)['Id']}"
    if service == "scheduler" and (group := group_of(body, query_params)):
        return found.replace(":schedule/default/", f":schedule/{group}/")
    if service == "iam" and (role := member_of(body, query_params, "RoleName")):
        return arn_of_role(role, name, query_params, account)
    return found


def keys(original, service, iam_action, body, params):
    found = original(service, iam_action, body, params)
    role = service == "iam" and iam._roles.get(iam_actions._query_param(params, "RoleName"))
    boundary = iam_actions._query_param(params, "PermissionsBoundary") or (role or {}).get("PermissionsBoundary")
    if iam_action in KEY_IN:
        found = {**found, GIVEN: KEY_IN[iam_action](json_of(body))}
    # A role without a boundary has no such key.
    return {**found, "iam:PermissionsBoundary": boundary} if service == "iam" and boundary else found


def keys_of_object(original, iam_action, query_params, path="", headers=None):
    found = original(iam_action, query_params, path, headers)
    if iam_action == "s3:PutObject" and (headers or {}).get("x-amz-server-side-encryption") == "aws:kms":
        key = headers.get("x-amz-server-side-encryption-aws-kms-key-id")
        found = {**found, "s3:x-amz-server-side-encryption-aws-kms-key-id": key, GIVEN: key}
    return found


def json_of(body):
    """A body as an object, if it is one."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def member_of(body, params, member):
    """A member of a request in whatever protocol. Of a list, the first one."""
    found = json_of(body).get(member) if body[:1] == b"{" else None
    for name in (member, f"{member}.member.1"):
        found = found or iam_actions._query_param(params, name)
    found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, str) else None


def key_of_alias(alias):
    """The key of an alias, because a permission is one on the key. Without such a key, an ARN of no key."""
    key = kms._resolve_key(alias)
    return key["Arn"] if key else alias.replace(":alias/", ":key/")


def group_of(body, params):
    return member_of(body, params, "GroupName") or iam_actions._query_param(params, "groupName")


def arn_of_role(role, action_name, params, account):
    known = iam._roles.get_scoped(account, None, role)
    if known and action_name != "iam:CreateRole":
        return known["Arn"]
    path = iam_actions._query_param(params, "Path") or "/"
    return f"arn:aws:iam::{account}:role{path}{role}"


INSTEAD = {
    "extract_iam_action": action,
    "extract_resource_arn": resource,
    "request_tag_context": keys,
    "s3_service_context": keys_of_object,
}


def is_faithful():
    def asked(service, method, path, members=None, target=None):
        headers = {"x-amz-target": target} if target else {}
        call = service, method, path, headers, json.dumps(members or {}).encode(), {}
        return iam_actions.extract_iam_action(*call), iam_actions.extract_resource_arn(*call, "r", "a")

    topic = "arn:aws:sns:r:a:topic"
    alias = "/2015-03-31/functions/f/aliases/live"
    group = {"GroupName": "group"}
    bounded = {"RoleName": "r", "PermissionsBoundary": "arn:aws:iam::a:policy/p"}
    return (
        iam_actions.request_tag_context("iam", "iam:CreateRole", b"", bounded).get("iam:PermissionsBoundary")
        == "arn:aws:iam::a:policy/p"
        and asked("lambda", "DELETE", alias) == ("lambda:DeleteAlias", "arn:aws:lambda:r:a:function:f")
        and asked("sns", "POST", "/", {"ResourceArn": topic}, "SNS.TagResource") == ("sns:TagResource", topic)
        and asked("kms", "POST", "/", {"AliasName": "alias/a"}, "T.CreateAlias")[1] == "arn:aws:kms:r:a:alias/a"
        and asked("kms", "POST", "/", {"KeyId": "alias/a"}, "T.DescribeKey")[1] == "arn:aws:kms:r:a:key/a"
        and asked("scheduler", "POST", "/schedules/s", group)[1] == "arn:aws:scheduler:r:a:schedule/group/s"
    )
