#!/usr/bin/env bash
# Builds the node, starts it with a live test picture, and says where to watch.
#
#   deploy/demo.sh            watch from this machine; Ctrl-C ends it
#   deploy/demo.sh --public   watch from the whole network too (pushing stays local)
#   deploy/demo.sh --once     proves a moving picture in headless Chromium, and exits 0 when there is one
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

once='' bind=127.0.0.1 push_port=50001 watch_port=56001
for word in "$@"; do
    case $word in
        --once) once=yes push_port=0 watch_port=0 ;;
        --public) bind=0.0.0.0 ;;
        *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    esac
done

need_swift
packages=(ffmpeg)
[ -z "$once" ] || packages+=(curl chromium chromium-driver)
apt_install "${packages[@]}"
[ -s "$player_script" ] || "$repository/deploy/get-jsmpeg.sh" >/dev/null

cd "$repository"
say "building (about two minutes the first time)"
swift build -c release --static-swift-stdlib --product tsrelay >&2
relay=$(swift build -c release --static-swift-stdlib --show-bin-path)/tsrelay

folder=$(mktemp -d)
stop() {
    trap - EXIT INT TERM
    # shellcheck disable=SC2046  # one word each
    kill $(jobs -p) 2>/dev/null || true
    wait || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 0' INT TERM

cat >"$folder/node.ini" <<INI
[app]
RunMode = normal
[backstream]
Protocol = TCP
Bind = 127.0.0.1
Port = $push_port
[dispatch]
Protocol = CUSTOM
[custom]
Protocol = WEBSOCKET
Bind = $bind
Port = $watch_port
[player]
Script = "$player_script"
INI
"$relay" --config "$folder/node.ini" >"$folder/node.out" 2>"$folder/node.log" &
if ! wait_for_line 10 "$folder/node.out" '^watch: http' >/dev/null; then
    cat "$folder/node.out" "$folder/node.log" >&2
    die "the node did not start"
fi
push_port=$(sed -n "s|^push: .*tcp://[^ ]*:\([0-9]*\).*|\1|p" "$folder/node.out" | head -n 1)
watch_port=$(sed -n 's|^watch: http://[^/]*:\([0-9]*\)/.*|\1|p' "$folder/node.out" | head -n 1)
"$repository/deploy/push.sh" "tcp://127.0.0.1:$push_port" 2>"$folder/push.log" &

if [ -n "$once" ]; then
    "$repository/deploy/prove-picture.sh" "http://127.0.0.1:$watch_port/live/main" && exit 0
    tail -n 20 "$folder"/*.log >&2
    exit 1
fi
say ""
cat "$folder/node.out" >&2
say ""
say "watch here:        http://127.0.0.1:$watch_port/"
if [ "$bind" = 0.0.0.0 ]; then
    for address in $(hostname -I 2>/dev/null); do
        case $address in *:*) ;; *) say "from the network:  http://$address:$watch_port/" ;; esac
    done
fi
say "Ctrl-C ends it. The node's log:"
tail -n +1 -f "$folder/node.log" >&2 &
wait -n
