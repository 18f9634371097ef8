"""An access error has the status of its service, and names the resource.

AWS: DynamoDB and KMS answer 400 to a call that is not allowed.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html

ministack: 403 for all, and no resource in the message.
"""

import json

from ministack.core import iam_actions

from patches import judge

VERSION = "1.5.33"
SERVICE = iam_actions

BAD_REQUEST = {"dynamodb", "dynamodbstreams", "kms"}


def respond(original, service, action, principal_arn, request_id, *, error_code="", message="", **more):
    if not error_code and not message:
        is_explicit = more.get("explicit_deny", False)
        message = judge.said.get() or ""
        if not message and not (is_explicit and more.get("resource_policy_arn")):
            resource = more.get("resource_arn", "*")
            message = iam_actions.identity_denial_message(action, principal_arn, resource, is_explicit)
    answer = original(
        service, action, principal_arn, request_id, error_code=error_code, message=message, **more
    )
    if service in BAD_REQUEST and not error_code:
        return (400, *answer[1:])
    return answer


INSTEAD = {"access_denied_response": respond}


def is_faithful():
    def status(service):
        status, _, body = iam_actions.access_denied_response(
            service, f"{service}:Do", "caller", "request", resource_arn="arn:of:it"
        )
        return status, "on resource: arn:of:it" in json.loads(body)["message"]

    return status("dynamodb") == status("kms") == (400, True) and status("lambda") == (403, True)
