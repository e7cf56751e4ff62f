#!/bin/sh
# Calls a method of the app through its sidecar, by the path and by a header.
set -eu
dapr="http://127.0.0.1:${DAPR_HTTP_PORT:-3500}"
app="${APP_ID:-sample}"

curl --silent --show-error --fail --request POST "$dapr/v1.0/invoke/$app/method/add" \
  --header 'Content-Type: application/json' --data '[1,2,3]'
echo
curl --silent --show-error --fail --request POST "$dapr/add" --header "dapr-app-id: $app" \
  --header 'Content-Type: application/json' --data '[4,5,6]'
echo
