#!/usr/bin/env bash
# Runs the Autobahn testsuite (from PyPI, needs a Python 2.7) against ws-echo: the node's own WebSocket layer, echoing.
#
#   deploy/autobahn.sh               sections 1 to 7, 9 and 10; 12 and 13 are compression, which is declined
#   deploy/autobahn.sh '6.*' 7.1.5   these cases
#   TSRELAY_PYTHON2=PATH             the Python 2.7, where none is found
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

cases=("$@")
case ${1:-} in -*) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;; esac
[ "$#" -gt 0 ] || cases=('1.*' '2.*' '3.*' '4.*' '5.*' '6.*' '7.*' '9.*' '10.*')
# What these sections hold in the version of autobahn.txt; 0: whatever comes.
cases_wanted=$([ "$#" -gt 0 ] && echo 0 || echo 301)
folder=$repository/.build/autobahn
mkdir -p "$folder"

find_python() {
    local candidate
    for candidate in "${TSRELAY_PYTHON2:-}" python2.7 python2 "$HOME"/.pyenv/versions/2.7*/bin/python2.7; do
        [ -n "$candidate" ] || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (2, 7))' 2>/dev/null && echo "$candidate" && return
    done
    return 1
}

# Makes the virtual environment when it is not there, whole or not at all.
make_environment() {
    [ -x "$folder/environment/bin/wstest" ] && return
    local python
    python=$(find_python) || die "no Python 2.7: pyenv install 2.7.18, or name one by TSRELAY_PYTHON2"
    say "installing the testsuite into ${folder#"$repository"/} (a minute)"
    rm -rf "$folder/environment" "$folder/tool"
    retry "$python" -m pip install -q --target "$folder/tool" virtualenv==16.7.12 2>/dev/null ||
        die "$python -m pip cannot install virtualenv"
    PYTHONPATH=$folder/tool "$python" -m virtualenv -q --no-download "$folder/environment" >&2
    retry "$folder/environment/bin/pip" install -q -r "$repository/deploy/autobahn.txt" 2>"$folder/pip.log" ||
        die "the testsuite cannot be installed: $(tail -n 3 "$folder/pip.log")"
}

# Prints the counts, each case that is not OK, and fails unless all are OK or, by the suite's own word, informational.
judge() {
    "$folder/environment/bin/python" - "$folder/reports/index.json" "$cases_wanted" <<'PYTHON'
from __future__ import print_function
import collections, json, sys
cases = json.load(open(sys.argv[1])).get("ws-echo", {})
good = ("OK", "INFORMATIONAL")
for key in ("behavior", "behaviorClose"):
    counts = collections.Counter(case[key] for case in cases.values())
    print("%s: %s" % (key, ", ".join("%d %s" % (n, word) for word, n in counts.most_common())))
odd = sorted((name, case["behavior"], case["behaviorClose"]) for name, case in cases.items()
             if (case["behavior"], case["behaviorClose"]) != ("OK", "OK"))
for case in odd:
    print("%s: %s, close %s" % case)
wanted = int(sys.argv[2])
print("%d cases%s" % (len(cases), ", not %d" % wanted if wanted not in (0, len(cases)) else ""))
sys.exit(not cases or wanted not in (0, len(cases)) or any(a not in good or b not in good for _, a, b in odd))
PYTHON
}

need_swift
make_environment
cd "$repository"
swift build -c release --product ws-echo >&2
rm -rf "$folder/reports" "$folder/address"
"$(swift build -c release --show-bin-path)/ws-echo" >"$folder/address" &
trap 'kill $! 2>/dev/null || true' EXIT
url=$(wait_for_line 5 "$folder/address" '^ws://') || die "ws-echo did not start"
list=$(printf ', "%s"' "${cases[@]}")
printf '{"outdir": "%s", "servers": [{"agent": "ws-echo", "url": "%s"}], "cases": [%s], "exclude-cases": [], "exclude-agent-cases": {}}\n' \
    "$folder/reports" "$url" "${list:2}" >"$folder/spec.json"
"$folder/environment/bin/wstest" -m fuzzingclient -s "$folder/spec.json" >"$folder/wstest.log" 2>&1 ||
    die "wstest failed: $(tail -n 3 "$folder/wstest.log")"
[ -s "$folder/reports/index.json" ] || die "wstest made no report: $(tail -n 3 "$folder/wstest.log")"
say "the whole report: ${folder#"$repository"/}/reports/index.html"
judge
