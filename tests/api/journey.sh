#!/usr/bin/env bash
# The journey of one dossier by curl alone, from the counter to the delivered result:
#   tests/api/journey.sh [ADDRESS]     a service with demo data, by default http://127.0.0.1:8080
set -euo pipefail
at=${1:-http://127.0.0.1:8080}
jars=$(mktemp -d)
trap 'rm -rf "$jars"' EXIT

# as WHO PATH [JSON]: GET, or POST of the JSON, by somebody with a cookie jar of their own.
as() {
    curl -sS --fail-with-body -b "$jars/$1" -c "$jars/$1" -H 'X-Dossierpost: 1' \
        ${3:+-H 'Content-Type: application/json' -d "$3"} "$at$2"
}
# A time-ordered id (UUID version 7); the client makes it, so that sending twice is safe.
id() {
    local t r
    t=$(printf %012x "$(date +%s%3N)")
    r=$(od -An -N10 -tx1 /dev/urandom | tr -d ' \n')
    echo "${t:0:8}-${t:8:4}-7${r:0:3}-8${r:3:3}-${r:6:12}"
}
# value NAME: the first text of that name in a JSON reply.
value() { grep -o "\"$1\": *\"[^\"]*\"" | sed -n '1s/.*: *"\(.*\)"/\1/p'; }
# scan WHO KIND CODE [more members]: somebody stood there with that thing.
scan() {
    local said
    said=$(as "$1" /v1/custody/scans "{\"scans\": [{\"id\": \"$(id)\", \"kind\": \"$2\",
        \"code\": \"$3\", \"at\": \"$(date +%FT%T.%6N%:z)\"${4:-}}]}")
    printf '%-8s %-18s %-30s %s, %s\n' "$1" "$2" "$3" "$(value outcome <<<"$said")" \
        "$(value state <<<"$said")"
}
# bag WHO TO NUMBER SEAL: a bag with one item in it, sealed; sets $bag.
bag() {
    bag=$(as "$1" /v1/containers "{\"kind\": \"receptacle\", \"destination\": \"$2\"}" | value id)
    scan "$1" bag "$3" ", \"container\": \"$bag\""
    as "$1" "/v1/containers/$bag/close" "{\"seal\": \"$4\"}" >/dev/null
}
# hand_over GIVER TAKER TO NUMBER: the giver's list, and the taker's signature under it.
hand_over() {
    local list
    list=$(as "$1" /v1/custody/handovers "{\"id\": \"$(id)\", \"to\": \"$3\", \"items\": [\"$4\"]}" |
        value id)
    as "$2" "/v1/custody/handovers/$list/sign" '{"accept_all": true}' | value signed_at
}
act() { as officer "/v1/dossiers/$code/actions" "{\"action\": \"$1\"}"; }

for who in clerk courier hub officer; do
    as $who /v1/auth/login "{\"login\": \"$who\", \"password\": \"dossierpost-demo\"}"
done

echo '== at the counter'
dossier=$(as clerk /v1/dossiers "{\"id\": \"$(id)\", \"procedure\": \"1.004873\",
    \"agency\": \"46-A1\", \"service\": \"both\", \"weight_g\": 80, \"paid\": true,
    \"applicant\": {\"kind\": \"citizen\", \"name\": \"Nguyễn Thị Thử\", \"phone\": \"0905000123\",
        \"address\": {\"line\": \"12 Lê Lợi\", \"commune\": \"19789\"}},
    \"documents\": [
        {\"name\": \"Tờ khai cấp Giấy xác nhận tình trạng hôn nhân\", \"originals\": 1, \"copies\": 0},
        {\"name\": \"Giấy tờ chứng minh nơi cư trú\", \"originals\": 0, \"copies\": 1}],
    \"result_to\": {\"kind\": \"address\"}}")
code=$(grep -o '"code": *"000[^"]*"' <<<"$dossier" | head -n 1 | cut -d '"' -f 4)
number=$(value number <<<"$dossier")
echo "dossier $code, shipment $number, tracking $at/t/$number"
as clerk "/v1/labels/$number.pdf" >"$jars/label.pdf"
scan clerk accept "$number"
bag clerk 46-H1 "$number" 'VNP 000301'

echo '== through the hub'
scan courier take_over "$bag"
scan courier depart "$bag"
scan hub arrive "$bag"
scan hub open "$bag"
scan hub sort "$number"
bag hub 46-B1 "$number" 'VNP 000302'
scan hub depart "$bag"
scan clerk arrive "$bag"
scan clerk open "$bag"
scan clerk at_delivery_office "$number"

echo '== at the agency'
scan courier out_for_delivery "$number"
echo "filed $(hand_over courier officer 46-A1 "$number")"
echo "due $(act accept | value due_at)"
act start >/dev/null
result=$(act result_ready | grep -o '"number": *"[^"]*"' | cut -d '"' -f 4 | grep -v "$number" | head -n 1)
echo "result $result"

echo '== back to the applicant'
hand_over officer courier courier "$result" >/dev/null
scan clerk arrive "$result"
scan courier out_for_delivery "$result"
scan courier deliver "$result" ', "recipient": {"name": "Nguyễn Thị Thử", "relation": "self",
    "id_number": "046199000123"}'
curl -sS --fail-with-body "$at/t/$number.txt"
