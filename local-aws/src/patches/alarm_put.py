"""PutMetricAlarm stores exactly the given fields.

AWS: an alarm on an expression has `Metrics`, and neither a statistic nor a period of its own. An
alarm on a percentile has `ExtendedStatistic`, and no `Statistic`.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html

ministack, in the Query protocol that Terraform's provider speaks: drops `Metrics` and
`InsufficientDataActions`, and gives every alarm the statistic Average and a period of 60.
"""

import json

from ministack.services import cloudwatch

from patches import query

VERSION = "1.5.33"
SERVICE = cloudwatch


def put(original, params, data, is_cbor, is_json=False):
    answer = original(params, data, is_cbor, is_json)
    if is_cbor or is_json or answer[0] != 200:
        return answer
    asked = query.read(params)
    alarm = cloudwatch._alarms[asked["AlarmName"]]
    alarm["InsufficientDataActions"] = asked.get("InsufficientDataActions") or []
    if "Statistic" not in asked:
        del alarm["Statistic"]
    if "Period" not in asked:
        del alarm["Period"]
    if "Metrics" in asked:
        alarm["Metrics"] = [typed(it) for it in asked["Metrics"]]
    return answer


def typed(metric):
    """Returns a metric of an expression with numbers, because all values of a query are text."""
    metric = {**metric, "ReturnData": metric.get("ReturnData", "true") == "true"}
    for holder in (metric, metric.get("MetricStat", {})):
        if "Period" in holder:
            holder["Period"] = int(holder["Period"])
    return metric


INSTEAD = {"_put_metric_alarm": put}


def is_faithful():
    expression = {
        "AlarmName": "expression",
        "EvaluationPeriods": "1",
        "InsufficientDataActions.member.1": "arn:aws:sns:us-east-1:111111111111:topic",
        "Metrics.member.1.Id": "sum",
        "Metrics.member.1.Expression": "a + 1",
        "Metrics.member.2.Id": "a",
        "Metrics.member.2.ReturnData": "false",
        "Metrics.member.2.MetricStat.Stat": "Sum",
        "Metrics.member.2.MetricStat.Period": "60",
        "Metrics.member.2.MetricStat.Metric.MetricName": "Orders",
    }
    percentile = {"AlarmName": "percentile", "ExtendedStatistic": "p99", "Period": "300"}
    for alarm in (expression, percentile):
        cloudwatch._put_metric_alarm({name: [it] for name, it in alarm.items()}, {}, False)
    said = json.loads(cloudwatch._describe_alarms({}, {}, False, is_json=True)[2])
    expression, percentile = said["MetricAlarms"]
    stat = {"Stat": "Sum", "Period": 60, "Metric": {"MetricName": "Orders"}}
    return (
        not {"Statistic", "Period"} & set(expression)
        and len(expression["InsufficientDataActions"]) == 1
        and expression.get("Metrics")
        == [
            {"Id": "sum", "Expression": "a + 1", "ReturnData": True},
            {"Id": "a", "ReturnData": False, "MetricStat": stat},
        ]
        and "Statistic" not in percentile
        and percentile["Period"] == 300
    )
