#!/bin/sh
# Saves, reads and deletes state. The ETag guards a change: with an old one the save is refused with 409.
set -eu
dapr="http://127.0.0.1:${DAPR_HTTP_PORT:-3500}/v1.0"

save() {
  curl --silent --show-error --request POST "$dapr/state/statestore" \
    --header 'Content-Type: application/json' --data "$1" --output /dev/null --write-out '%{http_code}\n'
}

save '[{"key":"cart","value":{"items":["lamp"]}}]'
curl --silent --show-error --fail "$dapr/state/statestore/cart"
echo
etag=$(curl --silent --show-error --fail --output /dev/null --dump-header - "$dapr/state/statestore/cart" | tr -d '\r' | sed -n 's/^[Ee][Tt]ag: //p')
save '[{"key":"cart","value":{"items":["lamp","chair"]},"etag":"'"$etag"'","options":{"concurrency":"first-write"}}]'
save '[{"key":"cart","value":"too late","etag":"'"$etag"'","options":{"concurrency":"first-write"}}]'
curl --silent --show-error --fail --request POST "$dapr/state/statestore/bulk" \
  --header 'Content-Type: application/json' --data '{"keys":["cart","nothing"]}'
echo
curl --silent --show-error --fail --request DELETE "$dapr/state/statestore/cart"
curl --silent --show-error --fail "$dapr/state/statestore/cart" --output /dev/null --write-out '%{http_code}\n'
