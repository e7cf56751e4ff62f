#!/bin/sh
# Publishes bytes as they are, with no CloudEvent around them on the broker. The subscriber gets them as data_base64.
set -eu
dapr="http://127.0.0.1:${DAPR_HTTP_PORT:-3500}/v1.0"

curl --silent --show-error --fail --request POST "$dapr/publish/pubsub/bytes?metadata.rawPayload=true" \
  --header 'Content-Type: application/octet-stream' --data-binary 'just bytes'
