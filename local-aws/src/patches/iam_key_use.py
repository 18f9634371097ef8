"""A service that uses a key in a caller's name may do so only if the caller may.

AWS: DynamoDB, S3, SQS, SNS and EventBridge Scheduler call KMS in the name of who calls them, with `kms:ViaService` and
an encryption context. So the caller needs rights on the key, and the policy of the key must allow them.
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policy-examples.html

ministack: uses the key without a principal.
"""

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import dynamodb, kms, s3, sns, sqs

from patches import judge
from patches.iam_request import GIVEN, KEY_IN

VERSION = "1.5.33"
SERVICE = iam_evaluator

# The actions that a call needs on the key of its resource.
MAKES_TABLE = (
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)
OF_ITEMS = (
    "BatchGetItem",
    "BatchWriteItem",
    "ConditionCheckItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
)
USES = {
    "dynamodb:CreateTable": MAKES_TABLE,
    "s3:GetObject": ("Decrypt",),
    "s3:GetObjectVersion": ("Decrypt",),
    "s3:PutObject": ("GenerateDataKey",),
    "scheduler:CreateSchedule": ("Decrypt", "DescribeKey", "GenerateDataKey"),
    "scheduler:UpdateSchedule": ("Decrypt", "DescribeKey", "GenerateDataKey"),
    "sns:Publish": ("Decrypt", "GenerateDataKey"),
    "sqs:ReceiveMessage": ("Decrypt",),
    "sqs:SendMessage": ("Decrypt", "GenerateDataKey"),
    **{f"dynamodb:{it}": ("Decrypt",) for it in OF_ITEMS},
}


def enforce(original, access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    denied = original(access_key_id, iam_action, service, region, resource_arn, service_context)
    if denied is not None or iam_action not in USES:
        return denied
    key = key_of(iam_action, resource_arn, service_context or {})
    if key is None:
        return None
    via = f"{iam_action.partition(':')[0]}.{region}.amazonaws.com"
    context = encryption_context(iam_action, resource_arn)
    # A service asks for grants that it uses itself.
    context |= {"kms:ViaService": via, "kms:CallerAccount": get_account_id(), "kms:GrantIsForAWSResource": "true"}
    for use in USES[iam_action]:
        denied = original(access_key_id, f"kms:{use}", "kms", region, key, context)
        if denied is not None:
            return denied
    return None


def key_of(action, resource, context):
    """The ARN of the key of ours that a call uses. AWS's own keys need no right."""
    if action in KEY_IN:
        return arn_of(context.get(GIVEN))
    if action.startswith("s3:"):
        return arn_of(key_of_object(action, resource, context))
    # A resource of another account has a key of that one.
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return None
    region, account, name = parts[3:]
    if action.startswith("dynamodb:"):
        table = dynamodb._tables.get_scoped(account, region, name.split("/")[1]) if "/" in name else None
        return arn_of(((table or {}).get("SSEDescription") or {}).get("KMSMasterKeyArn"))
    if action.startswith("sqs:"):
        queue = sqs._queue_by_arn(resource) or {}
        return arn_of(queue.get("attributes", {}).get("KmsMasterKeyId"))
    topic = sns._topics.get_scoped(account, region, resource) or {}
    return arn_of((topic.get("attributes") or {}).get("KmsMasterKeyId"))


def key_of_object(action, resource, context):
    """The key of an object: its own, or that of its bucket where it is written without one."""
    bucket, _, name = resource.removeprefix("arn:aws:s3:::").partition("/")
    if action == "s3:PutObject":
        if "s3:x-amz-server-side-encryption" in context:
            return context.get(GIVEN)
        sse = s3._bucket_default_sse_headers(bucket)
    else:
        sse = s3._stored_sse_headers((s3._buckets.get(bucket) or {}).get("objects", {}).get(name) or {})
    return sse.get("x-amz-server-side-encryption-aws-kms-key-id")


def arn_of(key):
    """The ARN of a key, by whatever names it. Nothing for a key that AWS manages."""
    if not key or "alias/aws/" in key:
        return None
    found = kms._resolve_key(key)
    return found["Arn"] if found else key


def encryption_context(action, resource):
    name = resource.rpartition("/")[2]
    if action.startswith("dynamodb:"):
        given = {"aws:dynamodb:tableName": resource.split("/")[1] if "/" in resource else name}
        given["aws:dynamodb:subscriberId"] = get_account_id()
    elif action.startswith("sqs:"):
        given = {"aws:sqs:arn": resource}
    elif action.startswith("s3:"):
        given = {"aws:s3:arn": resource}
    elif action.startswith("sns:"):
        given = {"aws:sns:topicArn": resource}
    else:
        given = {"aws:scheduler:schedule:arn": resource}
    keys = {f"kms:EncryptionContext:{it}": value for it, value in given.items()}
    return {**keys, "kms:EncryptionContextKeys": list(given)}


INSTEAD = {"enforce": enforce}


def is_faithful():
    table = "arn:aws:dynamodb:us-east-1:111111111111:table/t"
    key = "arn:aws:kms:us-east-1:111111111111:key/k"
    dynamodb._tables.set_scoped("111111111111", "us-east-1", "t", {"SSEDescription": {"KMSMasterKeyArn": key}})
    read = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": table}
    use = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
    use["Condition"] = {
        "StringEquals": {
            "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
            "kms:EncryptionContext:aws:dynamodb:tableName": "t",
        }
    }
    through_another = {**use, "Condition": {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}}

    sse = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": key}
    s3._buckets["bucket"] = {"objects": {"object": {"preserved_headers": sse}}}
    read_object = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}

    def why(name, *statements, call=("dynamodb:GetItem", table)):
        role = judge.role_of_check(name, "lambda.amazonaws.com", [read, *statements])
        return judge.under(role, "lambda.amazonaws.com", "session", *call) or ""

    return (
        "kms:Decrypt" in why("downloader", read_object, call=("s3:GetObject", "arn:aws:s3:::bucket/object"))
        and "kms:Decrypt" in why("reader")
        and "kms:Decrypt" in why("other", through_another)
        and why("user", use) == ""
    )
