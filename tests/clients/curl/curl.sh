#!/bin/sh
# curl: an array, an item per line compressed with gzip, and one object.
set -eu
endpoint=$(printf '%s' "$CONNECTION_STRING" | tr ';' '\n' | sed -n 's/^IngestionEndpoint=//p')
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

envelope() {
    printf '{"name":"n","time":"%s","iKey":"k","data":{"baseType":"%s","baseData":%s}}' "$now" "$1" "$2"
}

request=$(envelope RequestData '{"ver":2,"id":"1","name":"GET /chairs","duration":"0.00:00:00.012","responseCode":"200","success":true}')
message=$(envelope MessageData '{"ver":2,"message":"three chairs","severityLevel":1}')
event=$(envelope EventData '{"ver":2,"name":"order placed"}')

post() {
    curl --silent --show-error --fail --output /dev/null --max-time 10 --data-binary @- "$@"
}

printf '[%s,%s]' "$request" "$message" | post "$endpoint/v2.1/track"
printf '%s\n%s\n' "$message" "$event" | gzip | post --header 'content-encoding: gzip' "$endpoint/v2/track"
printf '%s' "$event" | post "$endpoint/v2.1/track"
