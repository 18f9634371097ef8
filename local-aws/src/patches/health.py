"""A GET of the root is a health check, and not a call.

AWS: services that are called by a target take it by POST. A GET of the root of an endpoint, signed or not, is answered
that it is healthy: `curl https://dynamodb.us-east-1.amazonaws.com` prints `healthy: dynamodb.us-east-1.amazonaws.com`.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html

ministack: makes the call in the target header. The functions make the health check during their start, and have no permission
for that call.
"""

import asyncio

from ministack import app

VERSION = "1.5.33"
SERVICE = app


async def dispatch(original, method, path, headers, body, query_params, request_id):
    if method == "GET" and path == "/" and "x-amz-target" in headers:
        host = headers.get("host", "")
        return 200, {"Content-Type": "text/plain"}, f"healthy: {host} ".encode()
    return await original(method, path, headers, body, query_params, request_id)


INSTEAD = {"_dispatch_service_request": dispatch}


def is_faithful():
    def said(method):
        headers = {"x-amz-target": "DynamoDB_20120810.ListTables", "host": "127.0.0.1"}
        call = app._dispatch_service_request(method, "/", headers, b"{}", {}, "request")
        return asyncio.run(call)[2]

    return b"TableNames" in said("POST") and b"TableNames" not in said("GET")
