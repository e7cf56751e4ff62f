#!/bin/sh
# Publishes a CloudEvent of our own: its id, source and type stay, and a rule on the type routes it to /placed.
set -eu
dapr="http://127.0.0.1:${DAPR_HTTP_PORT:-3500}/v1.0"

curl --silent --show-error --fail --request POST "$dapr/publish/pubsub/orders" \
  --header 'Content-Type: application/cloudevents+json' \
  --data '{"specversion":"1.0","id":"order-2","source":"shop","type":"order.placed","datacontenttype":"application/json","data":{"id":2,"item":"chair"}}'
