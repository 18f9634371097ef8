"""Callers of every account reach an API.

AWS: the address identifies the API. A method without authorization accepts every caller.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html

ministack: looks for the API in the caller's account. A caller without a signature counts as the
account that it was started for, and finds no API of another one.
"""

from ministack.core.responses import request_scope
from ministack.services import apigateway_v1

VERSION = "1.5.33"
SERVICE = apigateway_v1


def find(original, api_id):
    everywhere = (key[:2] for key, _ in apigateway_v1._rest_apis.all_items() if key[2] == api_id)
    return original(api_id) or next(everywhere, None)


INSTEAD = {"find_api_scope": find}


def is_faithful():
    with request_scope("another account", "eu-west-1"):
        apigateway_v1._rest_apis["api"] = {"id": "api"}
        try:
            with request_scope("a caller", "us-east-1"):
                return apigateway_v1.find_api_scope("api") == ("another account", "eu-west-1")
        finally:
            del apigateway_v1._rest_apis["api"]
