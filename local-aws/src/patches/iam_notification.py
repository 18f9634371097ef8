"""SNS needs a permission to call a function.

AWS: the function's policy must allow sns.amazonaws.com, for that topic.
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

ministack: calls every function as the account itself. It does ask the policies of queues.
"""

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc, sns

from patches import judge

VERSION = "1.5.33"
SERVICE = sns


def deliver(original, endpoint, envelope, topic_arn, *args):
    policy = (lambda_svc.function_policy_for_arn(endpoint) or ("",))[0]
    if not judge.by_policy(policy, "sns.amazonaws.com", "lambda:InvokeFunction", endpoint, topic_arn):
        return original(endpoint, envelope, topic_arn, *args)


INSTEAD = {"_deliver_to_lambda": deliver}


def is_faithful():
    function = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:none"
    found, sns._lambda_svc = sns._lambda_svc, Called()
    try:
        sns._deliver_to_lambda(function, "{}", "topic", "subscription", "id", "message", {})
        return not sns._lambda_svc.called
    finally:
        sns._lambda_svc = found


class Called:
    """A fake of Lambda that records whether a function is looked up."""

    called = False

    def _get_func_record_for_ref(self, _):
        self.called = True
        return None, None, "none"
