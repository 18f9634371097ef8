"""The emulator's answers to calls of the roles that deploy dev and prod, with their committed policies and boundaries.

    python -B roles.py generated

Prints for each call what was denied, or nothing where it was allowed.
"""

import asyncio
import contextlib
import io
import json
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "src"))

from ministack import app
from ministack.core.responses import request_scope
from ministack.services import iam, kms

import patches
from patches import judge

REGION, DEV, PROD, PIPELINE = "ap-south-1", "111111111111", "333333333333", "444444444444"

VISIBILITY = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "firewall"}
FIREWALL = {
    "Name": "dofs-prod-firewall",
    "Scope": "REGIONAL",
    "DefaultAction": {"Allow": {}},
    "VisibilityConfig": VISIBILITY,
    "Rules": [
        {
            "Name": "common",
            "Priority": 0,
            "OverrideAction": {"None": {}},
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
            "VisibilityConfig": VISIBILITY,
        }
    ],
}
TABLE = {
    "TableName": "dofs-prod-table",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def policy(document):
    """A policy document of Terraform as IAM has it."""
    statements = []
    for it in document["statement"]:
        statement = {"Effect": it["effect"], "Action": it["actions"]}
        if "resources" in it:
            statement["Resource"] = it["resources"]
        if "principals" in it:
            statement["Principal"] = {who["type"]: who["identifiers"] for who in it["principals"]}
        for condition in it.get("condition", ()):
            tests = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
            tests[condition["variable"]] = condition["values"]
        statements.append(statement)
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def make(account, file):
    """The roles and the managed policies of a module."""
    module = json.loads(file.read_text())
    documents = {name: policy(it) for name, it in module["data"]["aws_iam_policy_document"].items()}
    managed = module["resource"].get("aws_iam_policy", {})
    arns = {name: f"arn:aws:iam::{account}:policy/{it['name']}" for name, it in managed.items()}
    for name, it in managed.items():
        versions = {"v1": {"Document": it["policy"]}}
        iam._policies[arns[name]] = {"DefaultVersionId": "v1", "Versions": versions}
    for name, it in module["resource"]["aws_iam_role"].items():
        bound = it.get("permissions_boundary", "").removeprefix("${aws_iam_policy.").removesuffix(".arn}")
        iam._roles[it["name"]] = {
            "Arn": f"arn:aws:iam::{account}:role/{it['name']}",
            "RoleName": it["name"],
            "RoleId": f"AROA{it['name']}",
            "AssumeRolePolicyDocument": documents[f"{name}_trust"],
            "InlinePolicies": {"rights": documents[name]},
            "AttachedPolicies": [],
            "PermissionsBoundary": arns.get(bound, ""),
            "Tags": [],
        }


def call(role, service, members, target=None):
    """Calls as a session of a role: with a form, or with JSON where the service has a target. Gives the lines of the log that
    tell a denial."""
    key = judge._key(iam._roles[role], "session")
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/{REGION}/{service}/aws4_request",
        "content-type": "application/x-www-form-urlencoded",
    }
    body = urllib.parse.urlencode(members).encode()
    if target:
        headers |= {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
        body = json.dumps(members).encode()
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        asyncio.run(app._dispatch_service_request("POST", "/", headers, body, {}, "request"))
    lines = log.getvalue().splitlines()
    return [it.removeprefix("denied: ") for it in lines if it.startswith("denied: ")]


def main(generated):
    generated = pathlib.Path(generated)
    with contextlib.redirect_stdout(sys.stderr):
        patches.lay_on()
    said = {}
    with request_scope(PIPELINE, REGION):
        make(PIPELINE, generated / "cicd/modules/cicd/main.tf.json")
        for build in ("apply", "plan"):
            target = {"Action": "AssumeRole", "RoleSessionName": "dofs-dev"}
            target["RoleArn"] = f"arn:aws:iam::{DEV}:role/dofs-delivery-apply-dev"
            with request_scope(DEV, REGION):
                make(DEV, generated / "bootstrap/dev/modules/delivery/main.tf.json")
            said[f"{build} assumes apply"] = call(f"dofs-cicd-{build}-dev", "sts", target)
    with request_scope(DEV, REGION):
        role = "dofs-delivery-apply-dev"
        queue = {"Action": "CreateQueue", "QueueName": "dofs-dev-queue", "Version": "2012-11-05"}
        said["apply makes a queue"] = call(role, "sqs", queue)
        made = {
            "Action": "CreateRole",
            "RoleName": "dofs-dev-role",
            "AssumeRolePolicyDocument": iam._roles[role]["AssumeRolePolicyDocument"],
            "Version": "2010-05-08",
        }
        said["apply makes a role without a boundary"] = call(role, "iam", made)
        bound = {"PermissionsBoundary": f"arn:aws:iam::{DEV}:policy/dofs-boundary-dev"}
        said["apply makes a role"] = call(role, "iam", made | bound)
        said["plan makes a queue"] = call("dofs-delivery-plan-dev", "sqs", queue)
    with request_scope(PROD, REGION):
        make(PROD, generated / "bootstrap/prod/modules/delivery/main.tf.json")
        role = "dofs-delivery-apply-prod"
        said["apply makes a firewall"] = call(role, "wafv2", FIREWALL, "AWSWAF_20190729.CreateWebACL")
        key = json.loads(kms._create_key({})[2])["KeyMetadata"]["Arn"]
        table = TABLE | {"SSESpecification": {"Enabled": True, "KMSMasterKeyId": key}}
        said["apply makes an encrypted table"] = call(role, "dynamodb", table, "DynamoDB_20120810.CreateTable")
    json.dump(said, sys.stdout, indent=2)


main(*sys.argv[1:])
