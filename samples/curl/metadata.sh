#!/bin/sh
# Tells what runs in the sidecar, and adds a note to it.
set -eu
dapr="http://127.0.0.1:${DAPR_HTTP_PORT:-3500}/v1.0"

curl --silent --show-error --fail "$dapr/healthz"
curl --silent --show-error --fail --request PUT "$dapr/metadata/colour" --header 'Content-Type: text/plain' --data 'blue'
curl --silent --show-error --fail "$dapr/metadata"
echo
