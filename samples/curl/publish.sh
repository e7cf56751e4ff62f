#!/bin/sh
# Publishes one order: the sidecar wraps it in a CloudEvent and delivers it to /orders.
set -eu
dapr="http://127.0.0.1:${DAPR_HTTP_PORT:-3500}/v1.0"

curl --silent --show-error --fail --request POST "$dapr/publish/pubsub/orders" \
  --header 'Content-Type: application/json' --data '{"id":1,"item":"lamp"}'
