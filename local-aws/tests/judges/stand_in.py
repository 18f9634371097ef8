"""Attributes that AWS assigns to a resource: a value of the right form, derived from the resource's arguments.

The forms of ARNs are those of the Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import hashlib
import uuid

# By type: each attribute that is not an argument. `{…}` is an argument, or a word of `words`.
ATTRIBUTES = {
    "aws_api_gateway_api_key": {"id": "{short}", "value": "{long}"},
    "aws_api_gateway_deployment": {"id": "{short}"},
    "aws_api_gateway_request_validator": {"id": "{short}"},
    "aws_api_gateway_resource": {"id": "{short}"},
    "aws_api_gateway_rest_api": {
        "execution_arn": "arn:aws:execute-api:{region}:{account}:{short}",
        "id": "{short}",
        "root_resource_id": "{short}",
    },
    "aws_api_gateway_stage": {
        "arn": "arn:aws:apigateway:{region}::/restapis/{rest_api_id}/stages/{stage_name}",
        "invoke_url": "https://{rest_api_id}.execute-api.{region}.amazonaws.com/{stage_name}",
    },
    "aws_api_gateway_usage_plan": {"id": "{short}"},
    "aws_cloudwatch_log_group": {"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
    "aws_codebuild_project": {"arn": "arn:aws:codebuild:{region}:{account}:project/{name}"},
    "aws_codepipeline": {"arn": "arn:aws:codepipeline:{region}:{account}:{name}"},
    "aws_codestarconnections_connection": {
        "arn": "arn:aws:codestar-connections:{region}:{account}:connection/{uuid}"
    },
    "aws_dynamodb_table": {"arn": "arn:aws:dynamodb:{region}:{account}:table/{name}"},
    "aws_iam_openid_connect_provider": {"arn": "arn:aws:iam::{account}:oidc-provider/{host}"},
    "aws_iam_policy": {"arn": "arn:aws:iam::{account}:policy/{name}"},
    "aws_iam_role": {"arn": "arn:aws:iam::{account}:role/{name}", "id": "{name}"},
    "aws_kms_key": {"arn": "arn:aws:kms:{region}:{account}:key/{uuid}", "key_id": "{uuid}"},
    "aws_lambda_alias": {
        "arn": "{alias}",
        "invoke_arn": "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{alias}/invocations",
    },
    "aws_lambda_function": {
        "arn": "arn:aws:lambda:{region}:{account}:function:{function_name}",
        "version": "1",
    },
    "aws_s3_bucket": {"arn": "arn:aws:s3:::{bucket}", "id": "{bucket}"},
    "aws_sfn_state_machine": {"arn": "arn:aws:states:{region}:{account}:stateMachine:{name}"},
    "aws_sns_topic": {"arn": "arn:aws:sns:{region}:{account}:{name}"},
    "aws_sqs_queue": {
        "arn": "arn:aws:sqs:{region}:{account}:{name}",
        "id": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        "url": "https://sqs.{region}.amazonaws.com/{account}/{name}",
    },
    "aws_wafv2_web_acl": {"arn": "arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/{uuid}"},
}


def attribute(block, name):
    """The value of a reference to an attribute of a resource."""
    if name in block.body:
        return block.value(name)
    form = ATTRIBUTES.get(block.type, {}).get(name)
    if form is None:
        raise ValueError(
            f"`{name}` of {block.address} is not understood\n  fix: write its form into ATTRIBUTES in stand_in.py"
        )
    return form.format_map(Words(block))


class Words(dict):
    """The values for placeholders in braces. An ID is the same in every run, and differs between resources."""

    def __init__(self, block):
        self.block = block
        short = hashlib.sha256(block.address.encode()).hexdigest()
        super().__init__(
            account=block.root.account,
            region=block.root.region,
            uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, block.address)),
            short=short[:10],
            long=short[:40],
        )

    def __missing__(self, word):
        if word == "alias":
            return "arn:aws:lambda:{region}:{account}:function:{function_name}:{name}".format_map(self)
        if word == "host":
            return self.block.value("url").removeprefix("https://")
        return self.block.value(word)
