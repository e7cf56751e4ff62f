#!/bin/sh
# Changes two keys together or not at all.
set -eu
dapr="http://127.0.0.1:${DAPR_HTTP_PORT:-3500}/v1.0"

curl --silent --show-error --fail --request POST "$dapr/state/statestore" \
  --header 'Content-Type: application/json' --data '[{"key":"from","value":10},{"key":"to","value":0}]'
curl --silent --show-error --fail --request POST "$dapr/state/statestore/transaction" \
  --header 'Content-Type: application/json' --data '{"operations":[
    {"operation":"delete","request":{"key":"from"}},
    {"operation":"upsert","request":{"key":"to","value":10}}
  ]}'
curl --silent --show-error --fail "$dapr/state/statestore/to"
echo
