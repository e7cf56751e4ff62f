#!/bin/sh
# Publishes to a topic whose handler always fails: the message ends in the dead letter topic.
set -eu
dapr="http://127.0.0.1:${DAPR_HTTP_PORT:-3500}/v1.0"

curl --silent --show-error --fail --request POST "$dapr/publish/pubsub/broken" \
  --header 'Content-Type: application/json' --data '{"id":3,"item":"cracked"}'
