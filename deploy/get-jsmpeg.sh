#!/usr/bin/env bash
# Puts the JSMpeg player (MIT, (c) Dominic Szablewski) where the node's [player] Script names it. Never commit it.
#
#   deploy/get-jsmpeg.sh              out of Debian's package xpra, without installing that
#   deploy/get-jsmpeg.sh --file PATH  a copy that you have
#   deploy/get-jsmpeg.sh --url URL    a copy on a server of yours
#   --to PATH                         where to put it; default ~/.local/share/tsrelay/jsmpeg.js
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

file='' url='' to=$player_script
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
        --file) file=$2 ;;
        --url) url=$2 ;;
        --to) to=$2 ;;
        *) usage ;;
    esac
    shift 2
done
[ -z "$file" ] || [ -z "$url" ] || usage

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
new=$folder/jsmpeg.js

if [ -n "$file" ]; then
    [ -r "$file" ] || die "cannot read $file"
    cp "$file" "$new"
elif [ -n "$url" ]; then
    command -v curl >/dev/null || apt_install curl ca-certificates
    retry curl -fsSL --max-time 60 -o "$new" "$url" || die "nothing came from $url"
else
    command -v apt-get >/dev/null || die "no apt-get here; use --file or --url"
    cd "$folder"
    # _apt may not write here when root asks; the warning about that is no use to anyone.
    retry apt-get download -q xpra >/dev/null 2>&1 || {
        retry as_root apt-get update -q >/dev/null && retry apt-get download -q xpra >/dev/null 2>&1
    } || die "apt-get download xpra failed; use --file or --url"
    dpkg-deb --fsys-tarfile xpra_*.deb | tar -xO ./usr/share/xpra/www/js/lib/jsmpeg.js >"$new" ||
        die "this xpra package carries no jsmpeg.js; use --file or --url"
fi

# What every build of it holds, minified or not: the name, the player, the WebSocket source, the MPEG-1 decoder.
for word in JSMpeg JSMpeg.Player JSMpeg.Source.WebSocket JSMpeg.Decoder.MPEG1Video; do
    grep -q -F "$word" "$new" || die "not JSMpeg: no '$word' in ${file:-${url:-the package}}"
done
[ "$(wc -c <"$new")" -lt 2000000 ] || die "not JSMpeg: over 2 MB"

mkdir -p "$(dirname "$to")"
install -m 644 "$new" "$to"
printf '%s\n' "$to"
