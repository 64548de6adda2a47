#!/usr/bin/env bash
# Opens a player page in headless Chromium and exits 0 when its picture moves.
#
#   deploy/prove-picture.sh http://127.0.0.1:56001/live/main [SCREENSHOT.png]
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

page=${1:?usage: prove-picture.sh URL [SCREENSHOT.png]} screenshot=${2:-}
folder=$(mktemp -d)
driver=''
stop() {
    [ -z "${session:-}" ] || ask DELETE "/session/$session" >/dev/null || true
    [ -z "$driver" ] || kill "$driver" 2>/dev/null || true
    wait || true
    rm -rf "$folder"
}
trap stop EXIT

# A WebDriver command: method, path, and for a POST its JSON.
ask() {
    curl -sS --max-time 60 -X "$1" ${3:+-H 'Content-Type: application/json' --data-binary "$3"} \
        "http://127.0.0.1:$port$2"
}

# Text as a JSON string; for texts without control characters but line feeds and tabs.
quoted() { printf '"%s"' "$(sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/ /g' | sed ':a;N;$!ba;s/\n/\\n/g')"; }

# One field of the value that WebDriver answered.
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }

TMPDIR=$folder chromedriver --port=0 >"$folder/driver.log" 2>&1 &
driver=$!
port=$(wait_for_line 20 "$folder/driver.log" 'started successfully on port' | sed 's/[^0-9]*\([0-9]*\).*/\1/') ||
    die "chromedriver did not start: $(cat "$folder/driver.log")"

flags='"--headless=new","--no-sandbox","--disable-dev-shm-usage","--mute-audio","--no-first-run","--window-size=960,700"'
flags+=',"--autoplay-policy=no-user-gesture-required","--disable-background-networking","--enable-unsafe-swiftshader"'
flags+=",\"--user-data-dir=$folder/profile\""
options="{\"binary\":\"$(command -v chromium)\",\"args\":[$flags]}"
session=$(ask POST /session "{\"capabilities\":{\"alwaysMatch\":{\"goog:chromeOptions\":$options}}}" | field sessionId)
[ -n "$session" ] || die "Chromium did not start: $(tail -n 5 "$folder/driver.log")"

# A WebGL canvas can be read at any time only when it keeps what it drew.
keep='const get = HTMLCanvasElement.prototype.getContext; HTMLCanvasElement.prototype.getContext = function (kind, more) {'
keep+=' return get.call(this, kind, Object.assign({}, more, {preserveDrawingBuffer: true})); };'
ask POST "/session/$session/goog/cdp/execute" "{\"cmd\":\"Page.addScriptToEvaluateOnNewDocument\",\"params\":{\"source\":
    $(printf '%s\n' "$keep" | quoted)}}" >/dev/null
ask POST "/session/$session/url" "{\"url\":\"$page\"}" >/dev/null

script=$(quoted <"$repository/deploy/moving.js")
for _ in 1 2 3 4 5 6; do
    pictures=$(ask POST "/session/$session/execute/async" "{\"script\":$script,\"args\":[]}" | field value)
    [[ $pictures =~ ^[0-9]+$ ]] || pictures=0
    [ "$pictures" -lt 10 ] || break
done
if [ -n "$screenshot" ]; then
    ask GET "/session/$session/screenshot" | field value | base64 -d >"$screenshot"
fi
[ "$pictures" -ge 10 ] || die "no moving picture at $page"
say "moving: $pictures different pictures in 3 s at $page"
