#!/bin/sh
# Publishes three orders in one request; 204 says that all were accepted.
set -eu
dapr="http://127.0.0.1:${DAPR_HTTP_PORT:-3500}/v1.0"

curl --silent --show-error --fail --request POST "$dapr/publish/bulk/pubsub/orders" \
  --header 'Content-Type: application/json' --data '[
    {"entryId":"a","event":{"id":11},"contentType":"application/json"},
    {"entryId":"b","event":{"id":12},"contentType":"application/json"},
    {"entryId":"c","event":"thirteen","contentType":"text/plain"}
  ]'
