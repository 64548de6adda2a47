#!/usr/bin/env bash
# Fuzzes the parsers under libFuzzer and AddressSanitizer; the canary, which has a defect, must be found.
#
#   deploy/fuzz.sh SECONDS [TARGET...]   each target of the table, or those named, for so long
#   deploy/fuzz.sh --runs N [TARGET...]  each until it was executed N times, over all calls with one corpus; may be stopped
#   deploy/fuzz.sh --counts              what --runs has counted so far
#   deploy/fuzz.sh --coverage            lines of the parsers that seeds and corpus reach; fails below 95 % of a file
#   TSRELAY_FUZZ_CORPUS=FOLDER           keeps the inputs that led to new code there, for the next call
#   TSRELAY_FUZZ_JOBS=N                  targets that --runs works on at once (1)
#
# Exits 1 when a target has a finding; its input lies in .build/fuzz/findings then.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
mode=seconds
case ${1:-} in
--runs) mode=runs && shift ;;
--counts | --coverage) mode=${1#--} ;;
esac
[ "$mode" = counts ] || [ "$mode" = coverage ] || [[ ${1:-} =~ ^[1-9][0-9]*$ ]] || usage
amount=$1
shift

cd "$repository"
scratch=.build/fuzz
findings=$scratch/findings
lines_least=95
# One piece of a long run, in seconds: what a stop in between loses of the count.
piece=600
corpora=${TSRELAY_FUZZ_CORPUS:-}

# Sums up what was counted: executions, seconds of processor and of the clock, per target.
counts() {
    awk '{ runs[$1] += $2; cpu[$1] += $3; clock[$1] += $4 }
        END { for (name in runs) printf "%-16s %12d executions %8d s of processor %8d/s %8d s\n",
            name, runs[name], cpu[name], runs[name] / (cpu[name] + 0.001), clock[name] }' "$corpora"/*.runs | sort
}

case $mode in
runs | counts) [ -n "$corpora" ] || die "TSRELAY_FUZZ_CORPUS is not set: the counts lie in that folder" ;;&
counts) counts && exit ;;
esac

need_swift
apt_install "${build_packages[@]}"
mkdir -p "$findings"

# Every line once, however many functions the compiler makes of it; of the files that the table names.
coverage() {
    local tools name folder=$scratch/coverage
    say "building (log: $scratch/coverage.log)"
    swift build --scratch-path "$folder" --product tsfuzz -Xswiftc -profile-generate -Xswiftc -profile-coverage-mapping \
        >"$scratch/coverage.log" 2>&1 || die "the build failed: $(grep -m 5 error: "$scratch/coverage.log")"
    tools=$(swiftc -print-target-info | sed -n 's:.*"runtimeResourcePath"\: "\(.*\)/lib/swift".*:\1/bin:p')
    rm -f "$folder"/*.profraw
    LLVM_PROFILE_FILE=/dev/null "$folder/debug/tsfuzz" --covers >"$folder/covers"
    LLVM_PROFILE_FILE=/dev/null "$folder/debug/tsfuzz" --list >"$folder/targets"
    while IFS=$'\t' read -r name _; do
        [ "${name#!}" = "$name" ] || continue
        find "Tests/FuzzTests/Seeds/$name" ${corpora:+"$corpora/$name"} -type f -print0 2>/dev/null |
            LLVM_PROFILE_FILE="$folder/$name-%p.profraw" xargs -0 -n 2000 "$folder/debug/tsfuzz" "--target=$name" >/dev/null ||
            die "$name has a finding among its seeds"
    done <"$folder/targets"
    "$tools/llvm-profdata" merge -o "$folder/all.profdata" "$folder"/*.profraw
    "$tools/llvm-cov" export -format=lcov -instr-profile "$folder/all.profdata" "$folder/debug/tsfuzz" |
        awk -F '[:,]' -v least=$lines_least -v list="$folder/covers" '
            BEGIN { while ((getline name < list) > 0) wanted[name] = 1 }
            $1 == "SF" { path = $2; sub(/.*\/Sources\//, "", path); name = path; sub(/.*\//, "", name)
                sub(/\.swift$/, "", name); isWanted = (name in wanted) && path !~ /^(Telemetry|Fuzzing)/; next }
            $1 == "DA" && isWanted { lines[path]++; if ($3 > 0) reached[path]++
                else missed[path] = missed[path] " " $2 }
            END { for (path in lines) { share = 100 * reached[path] / lines[path]; low = share < least
                printf "%-46s %4d of %4d lines %6.1f %%%s%s\n", path, reached[path], lines[path], share,
                    low ? "  TOO FEW" : "", missed[path] == "" ? "" : "  not:" missed[path] | "sort"
                all += lines[path]; allReached += reached[path]; failed += low }
                close("sort")
                printf "%-46s %4d of %4d lines %6.1f %%\n", "all", allReached, all, 100 * allReached / all
                exit failed > 0 }'
}

[ "$mode" != coverage ] || { coverage && exit || exit 1; }

say "building (log: $scratch/build.log)"
build=(swift build --scratch-path "$scratch" --configuration release --product tsfuzz
    --sanitize fuzzer -Xswiftc "-sanitize=fuzzer,address" -Xswiftc -DFUZZ -Xswiftc -parse-as-library)
"${build[@]}" >"$scratch/build.log" 2>&1 || die "the build failed: $(grep -m 5 error: "$scratch/build.log")"
fuzzer=$("${build[@]}" --show-bin-path 2>/dev/null)/tsfuzz

# Looking for leaks needs ptrace, which containers do not allow. Where memory came from is told when an input is run
# again: to write it down for each piece took a sixth of the time, and 256 MB of freed memory cost the caches.
quick=detect_leaks=0:malloc_context_size=0:quarantine_size_mb=16
export ASAN_OPTIONS=$quick SWIFT_BACKTRACE=enable=no
targets=$("$fuzzer" --list) || die "tsfuzz does not start: $targets"
[ -n "$corpora" ] || corpora=$(mktemp -d)
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

# Whether the target was only kept waiting, by a busy machine or one that slept: its input alone takes no time.
was_waiting() {
    local input
    input=$(sed -n 's/.*Test unit written to \(.*-timeout-.*\)/\1/p' "$log")
    [ -n "$input" ] && "$fuzzer" "--target=$1" -timeout=25 "$input" >/dev/null 2>&1 && rm -f "$input"
}

# fuzz_pieces NAME BYTES_MAX: goes on until the target has its executions.
fuzz_pieces() {
    local name=$1 bytes_max=$2 done_before left status times TIMEFORMAT='%U %S %R'
    local record=$corpora/$name.runs
    touch "$record"
    while done_before=$(awk '{ sum += $2 } END { print sum + 0 }' "$record") && [ "$done_before" -lt "$amount" ]; do
        left=$((amount - done_before))
        status=0
        log=$scratch/$name.log
        times=$({ time fuzz "$name" "$bytes_max" "-runs=$left" "-max_total_time=$piece" >/dev/null; } 2>&1) || status=$?
        awk -v name="$name" -v runs="$(count number_of_executed_units)" -v times="$times" \
            'BEGIN { split(times, part, " "); print name, runs + 0, part[1] + part[2], part[3] }' >>"$record"
        ! grep -q 'libFuzzer: run interrupted' "$log" || return 1
        [ $status = 0 ] || was_waiting "$name" || {
            say "$name: FINDING, see $log"
            cp "$log" "$findings/$name.log"
            return 1
        }
    done
    counts | grep "^$name "
}

while IFS=$'\t' read -r name bytes_max _; do
    [ "${name#!}" != "$name" ] || continue
    name=${name#!}
    if fuzz "$name" "$bytes_max" -max_total_time=60 || ! grep -q 'finding: the canary sings' "$log"; then
        die "the canary was not found, so nothing else would be: $log"
    fi
    rm -f "$findings/$name-"*
    printf '%-16s found after %s executions\n' "$name" "$(count number_of_executed_units)"
done <<<"$targets"

[ $# != 0 ] || mapfile -t names < <(grep -v '^!' <<<"$targets" | cut -f 1)
[ $# = 0 ] || names=("$@")
for name in "${names[@]}"; do
    bytes_max=$(awk -F '\t' -v name="$name" '$1 == name { print $2 }' <<<"$targets")
    [ -n "$bytes_max" ] || die "no target $name: $(grep -v '^!' <<<"$targets" | cut -f 1 | tr '\n' ' ')"
    if [ "$mode" = runs ]; then
        while [ "$(jobs -rp | wc -l)" -ge "${TSRELAY_FUZZ_JOBS:-1}" ]; do wait -n || failed=1; done
        fuzz_pieces "$name" "$bytes_max" &
        continue
    fi
    verdict='no finding'
    fuzz "$name" "$bytes_max" "-max_total_time=$amount" || { verdict="FINDING, see $log" && failed=1; }
    printf '%-16s %12s executions %8s/s  edges %-6s %s\n' "$name" "$(count number_of_executed_units)" \
        "$(count average_exec_per_sec)" "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -c 6-)" "$verdict"
    [ "$verdict" = 'no finding' ] || grep -E 'finding:|Fatal error|ERROR:|Test unit written' "$log" >&2 || true
done
while [ -n "$(jobs -rp)" ]; do wait -n || failed=1; done
exit "$failed"
