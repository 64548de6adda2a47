#!/usr/bin/env bash
# Fuzzes the parsers under libFuzzer and AddressSanitizer; the canary, which has a defect, must be found.
#
#   deploy/fuzz.sh SECONDS [TARGET...]  each target of the table, or those named, for so long
#   TSRELAY_FUZZ_CORPUS=FOLDER          keeps the inputs that led to new code there, for the next call
#
# Exits 1 when a target has a finding; its input lies in .build/fuzz/findings then.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
[[ ${1:-} =~ ^[1-9][0-9]*$ ]] || usage
seconds=$1
shift

need_swift
apt_install "${build_packages[@]}"
cd "$repository"
scratch=.build/fuzz
findings=$scratch/findings
mkdir -p "$findings"

say "building (log: $scratch/build.log)"
build=(swift build --scratch-path "$scratch" --configuration release --product tsfuzz
    --sanitize fuzzer -Xswiftc "-sanitize=fuzzer,address" -Xswiftc -DFUZZ -Xswiftc -parse-as-library)
"${build[@]}" >"$scratch/build.log" 2>&1 || die "the build failed: $(grep -m 5 error: "$scratch/build.log")"
fuzzer=$("${build[@]}" --show-bin-path 2>/dev/null)/tsfuzz
targets=$("$fuzzer" --list) || die "tsfuzz does not start: $targets"

# Looking for leaks needs ptrace, which containers do not allow.
export ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no
corpora=${TSRELAY_FUZZ_CORPUS:-$(mktemp -d)}
failed=0

# What libFuzzer counted last under this name.
count() { sed -n "s/^stat::$1: *//p" "$log" | tail -n 1; }

# fuzz NAME BYTES_MAX OPTION...: runs a target; its messages are in $log.
fuzz() {
    local name=$1 bytes_max=$2
    shift 2
    log=$scratch/$name.log
    mkdir -p "$corpora/$name"
    "$fuzzer" "--target=$name" "-max_len=$bytes_max" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
        "-dict=Tests/FuzzTests/Dictionaries/$name.dict" "-artifact_prefix=$findings/$name-" "$@" \
        "$corpora/$name" "Tests/FuzzTests/Seeds/$name" >"$log" 2>&1
}

while IFS=$'\t' read -r name bytes_max _; do
    if [ "${name#!}" != "$name" ]; then
        name=${name#!}
        if fuzz "$name" "$bytes_max" -max_total_time=60 || ! grep -q 'finding: the canary sings' "$log"; then
            die "the canary was not found, so nothing else would be: $log"
        fi
        rm -f "$findings/$name-"*
        printf '%-16s found after %s executions\n' "$name" "$(count number_of_executed_units)"
        continue
    fi
    [ $# = 0 ] || [[ " $* " = *" $name "* ]] || continue
    verdict='no finding'
    fuzz "$name" "$bytes_max" "-max_total_time=$seconds" || { verdict="FINDING, see $log" && failed=1; }
    printf '%-16s %12s executions %8s/s  edges %-6s %s\n' "$name" "$(count number_of_executed_units)" \
        "$(count average_exec_per_sec)" "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -c 6-)" "$verdict"
    [ "$verdict" = 'no finding' ] || grep -E 'finding:|Fatal error|ERROR:|Test unit written' "$log" >&2 || true
done <<<"$targets"
exit "$failed"
