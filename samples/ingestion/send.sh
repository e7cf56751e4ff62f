#!/bin/sh
# Sends a file to a stream: sh send.sh flights.departures application/avro departures.avro
set -eu
curl --silent --show-error --fail-with-body --request POST \
  "http://${INGESTION:-127.0.0.1:5101}/v1/streams/$1/events" \
  --header "Content-Type: $2" --data-binary "@$3"
