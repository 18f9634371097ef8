"""CreateApiKey generates the value of a key if none is given.

AWS: CreateApiKey accepts a missing or an empty value, which Terraform's provider sends, and generates
one.
https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html

ministack: refuses an empty value as too short.
"""

import json

from ministack.services import apigateway_v1

VERSION = "1.5.33"
SERVICE = apigateway_v1


def create(original, data):
    return original({**data, "value": data.get("value") or None})


INSTEAD = {"_create_api_key": create}


def is_faithful():
    said = apigateway_v1._create_api_key({"name": "key", "value": ""})
    return said[0] == 201 and len(json.loads(said[2])["value"]) >= 20
