"""Publishes orders, keeps the last one as state and reads it back."""
import json
import os
import urllib.request

DAPR = f"http://127.0.0.1:{os.environ.get('DAPR_HTTP_PORT', '3500')}/v1.0"


def call(method, path, content=None):
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(DAPR + path, body, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read().decode()


orders = [{"id": number, "item": item} for number, item in enumerate(["lamp", "chair", "stół"], 1)]
for order in orders:
    call("POST", "/publish/pubsub/python-orders", order)
call("POST", "/state/statestore", [{"key": "last", "value": orders[-1]}])
print(json.loads(call("GET", "/state/statestore/last"))["item"])
