"""A call with an unknown action is denied.

AWS: every call needs the permission for an action.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

ministack: a call for which it knows no action, or a service without a table of actions, is allowed to everybody. Here it
gets an action that `iam_told` refuses to everybody but the account itself.
"""

from ministack.core import iam_actions

VERSION = "1.5.33"
SERVICE = iam_actions

# The name of the action, after its service.
UNJUDGED = "UnknownAction"


def extract(original, service, method, path, headers, body, query_params):
    action = original(service, method, path, headers, body, query_params)
    return action or f"{iam_actions.SERVICE_TO_IAM_NAMESPACE.get(service, service)}:{UNJUDGED}"


INSTEAD = {"extract_iam_action": extract}


def is_faithful():
    known = iam_actions.extract_iam_action("sqs", "POST", "/", {"x-amz-target": "AmazonSQS.SendMessage"}, b"", {})
    unknown = iam_actions.extract_iam_action("lambda", "GET", "/nowhere", {}, b"", {})
    return known == "sqs:SendMessage" and unknown is not None
