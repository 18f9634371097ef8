"""DescribeAlarms returns every field of an alarm.

AWS: DescribeAlarms returns every field of an alarm.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html

ministack: does so in the JSON and CBOR protocols. In the Query protocol, which Terraform's provider
uses, it returns ten fields, without the description, the dimensions, the actions and the period.
"""

import datetime
import json

from ministack.services import cloudwatch

from patches import query

VERSION = "1.5.33"
SERVICE = cloudwatch


def describe(original, params, data, is_cbor, is_json=False):
    if is_cbor or is_json:
        return original(params, data, is_cbor, is_json)
    # Make the same call in JSON, whose parameters have the same names.
    answer = original({}, query.read(params), False, True)
    if answer[0] != 200:
        return original(params, data, is_cbor, is_json)
    found = json.loads(answer[2])
    for alarm in found["MetricAlarms"] + found["CompositeAlarms"]:
        for name in [it for it in alarm if it.endswith("Timestamp")]:
            alarm[name] = moment(alarm[name])
    result = query.write("DescribeAlarmsResult", found)
    return cloudwatch._xml(200, "DescribeAlarmsResponse", result)


def moment(value):
    """Returns seconds since 1970 as a timestamp in XML."""
    if not isinstance(value, (int, float)):
        return value
    return datetime.datetime.fromtimestamp(value, datetime.timezone.utc).isoformat()


INSTEAD = {"_describe_alarms": describe}


def is_faithful():
    alarm = {
        "AlarmName": "alarm",
        "AlarmDescription": "a < b",
        "ActionsEnabled": "true",
        "Period": "300",
        "Dimensions.member.1.Name": "QueueName",
        "Dimensions.member.1.Value": "orders",
        "AlarmActions.member.1": "arn:aws:sns:us-east-1:111111111111:topic",
    }
    cloudwatch._put_metric_alarm({name: [it] for name, it in alarm.items()}, {}, False)
    said = cloudwatch._describe_alarms({"AlarmNames.member.1": ["alarm"]}, {}, False)[2].decode()
    return all(
        it in said
        for it in [
            "<AlarmDescription>a &lt; b</AlarmDescription>",
            "<ActionsEnabled>true</ActionsEnabled>",
            "<Period>300</Period>",
            "<member><Name>QueueName</Name><Value>orders</Value></member>",
            "<AlarmActions><member>arn:aws:sns:us-east-1:111111111111:topic</member></AlarmActions>",
        ]
    )
