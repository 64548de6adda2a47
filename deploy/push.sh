#!/usr/bin/env bash
# Pushes a picture that JSMpeg plays (MPEG-1 with MP2 sound), and comes back after every loss.
#
#   deploy/push.sh [URL]                  a moving test picture to URL; default tcp://127.0.0.1:50001
#   deploy/push.sh --file PATH [URL]      a file, over and over
#   deploy/push.sh --camera [DEV] [URL]   a camera, default /dev/video0, with the default microphone
#   --size WxH  --rate 2M  --fps 25       what is sent; --copy: a file's own packets as they are
#
# URL: tcp://HOST:PORT, udp://HOST:PORT?pkt_size=1316, or http://HOST:PORT/SECRET
set -euo pipefail

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

url=tcp://127.0.0.1:50001 source=test file='' camera=/dev/video0 size='' rate=2M fps=25 copy=''
while [ $# -gt 0 ]; do
    case $1 in
        --file) source=file file=${2:-} && shift ;;
        --camera)
            source=camera
            case ${2:-} in /*) camera=$2 && shift ;; esac
            ;;
        --size) size=${2:-} && shift ;;
        --rate) rate=${2:-} && shift ;;
        --fps) fps=${2:-} && shift ;;
        --copy) copy=yes ;;
        tcp://* | udp://* | http://* | https://*) url=$1 ;;
        *) usage ;;
    esac
    shift
done
[ "$source" != file ] || [ -r "$file" ] || { echo "push.sh: cannot read the file '$file'" >&2; exit 1; }
command -v ffmpeg >/dev/null || { echo "push.sh: ffmpeg is missing (apt-get install ffmpeg)" >&2; exit 1; }

case $source in
    test) input=(-re -f lavfi -i "testsrc2=size=${size:-640x360}:rate=$fps" -re -f lavfi -i sine=frequency=440) ;;
    file) input=(-re -stream_loop -1 -i "$file") ;;
    camera) input=(-f v4l2 -framerate "$fps" ${size:+-video_size "$size"} -i "$camera" -f alsa -i default) ;;
esac
output=(-c:v mpeg1video -b:v "$rate" -r "$fps" -g "$fps" -bf 0 -c:a mp2 -b:a 128k -ar 44100 -ac 2 -muxdelay 0.001)
[ -z "$size" ] || [ "$source" = camera ] || output+=(-s "$size")
[ -z "$copy" ] || output=(-map 0 -c copy)

ffmpeg=''
trap '[ -z "$ffmpeg" ] || kill "$ffmpeg" 2>/dev/null; exit 0' INT TERM
pause_ms=250
while true; do
    began=$SECONDS
    ffmpeg -hide_banner -nostdin -loglevel warning "${input[@]}" "${output[@]}" -f mpegts "$url" &
    ffmpeg=$!
    wait "$ffmpeg" || true
    # Doubled after each failure up to 5 s, back to the first after 10 s of health; the jitter keeps many apart.
    [ $((SECONDS - began)) -lt 10 ] || pause_ms=250
    wait_ms=$((RANDOM % pause_ms + 50))
    echo "push.sh: ffmpeg ended; again in $wait_ms ms" >&2
    sleep "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))" &
    wait $! || true
    pause_ms=$((pause_ms * 2 > 5000 ? 5000 : pause_ms * 2))
done
