"""An alarm needs a permission to publish.

AWS: CloudWatch publishes as itself, which the topic's policy must allow, and so must the policy of the topic's key. That
of the key which AWS manages does not.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html#sns-publish-notification-to-topic-from-cloudwatch

ministack: publishes as the account itself.
"""

from ministack.services import cloudwatch, kms, sns

from patches import judge

VERSION = "1.5.33"
SERVICE = cloudwatch

PRINCIPAL = "cloudwatch.amazonaws.com"
# The actions of an alarm, by its new state.
ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def dispatch(original, alarm, old_state, new_state, reason):
    name = ACTIONS.get(new_state, "AlarmActions")
    if alarm.get("ActionsEnabled", True):
        allowed = [it for it in alarm.get(name) or [] if _may(it, alarm.get("AlarmArn", ""))]
        alarm = {**alarm, name: allowed}
    return original(alarm, old_state, new_state, reason)


def _may(topic, alarm):
    if not cloudwatch._is_sns_action_arn(topic):
        return True
    if judge.by_policy((sns.topic_policy_for_arn(topic) or ("",))[0], PRINCIPAL, "sns:Publish", topic, alarm):
        return False
    key = ((sns._topic_by_arn_any_scope(topic) or {}).get("attributes") or {}).get("KmsMasterKeyId")
    policy = (kms.key_policy_for_arn(key) or ("",))[0] if key else ""
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    uses = ("kms:Decrypt", "kms:GenerateDataKey") if key else ()
    return not any(judge.by_policy(policy, PRINCIPAL, use, key, alarm) for use in uses)


INSTEAD = {"_dispatch_alarm_actions": dispatch}


def is_faithful():
    topic = "arn:aws:sns:us-east-1:111111111111:none"
    published = []
    fanout, sns._fanout = sns._fanout, lambda *args: published.append(args)
    is_topic, cloudwatch._is_sns_action_arn = cloudwatch._is_sns_action_arn, lambda _: True
    try:
        cloudwatch._dispatch_alarm_actions({"AlarmName": "a", "AlarmActions": [topic]}, "OK", "ALARM", "why")
        return not published
    finally:
        sns._fanout, cloudwatch._is_sns_action_arn = fanout, is_topic
