#!/usr/bin/env bash
# Installs what the tests need and runs them all: what CI runs.
#
#   deploy/test.sh             scripts, format, build, tests, shipped configurations
#   deploy/test.sh --sanitize  the tests once more under AddressSanitizer and once under ThreadSanitizer
#   deploy/test.sh --fuzz S    each fuzz target for S seconds instead, under AddressSanitizer (deploy/fuzz.sh)
#   TSRELAY_LONG=1             the long forms of the end-to-end tests (a minute where the short form takes seconds)
#   TSRELAY_FILTER=Name        only the tests whose name matches
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if [ "${1:-}" = --fuzz ]; then
    shift
    exec "$(dirname "$0")/fuzz.sh" "$@"
fi
sanitize=''
for word in "$@"; do
    case $word in
        --sanitize) sanitize=yes ;;
        *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    esac
done

step() { say "== $* ($((SECONDS / 60)) min $((SECONDS % 60)) s)"; }

step "what is needed"
need_swift
apt_install "${test_packages[@]}"
[ -s "$player_script" ] || "$repository/deploy/get-jsmpeg.sh" >/dev/null
cd "$repository"
# A checkout that another user owns, as in a container, is one that git would not look at.
git config --global --get-all safe.directory 2>/dev/null | grep -qxF "$repository" ||
    git config --global --add safe.directory "$repository"

filter=()
[ -z "${TSRELAY_FILTER:-}" ] || filter=(--filter "$TSRELAY_FILTER")
imports=(--explicit-target-dependency-import-check error)

# Runs the tests with these options of swift test; those that measure the node by themselves, with the machine to them.
run_tests() {
    if [ "${#filter[@]}" -gt 0 ]; then
        swift test "$@" "${filter[@]}"
        return
    fi
    swift test "$@" --skip EndToEndTests
    step "end-to-end tests"
    swift test "$@" --filter EndToEndTests
}

if [ -n "$sanitize" ]; then
    # What is left at the end of a process is no leak; FaultTests and LastingFaultTests look for some in nodes that live.
    export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=0:exitcode=66
    for kind in address thread; do
        step "tests under the $kind sanitizer"
        TSRELAY_SANITIZER=$kind run_tests --sanitize "$kind" --build-path ".build/$kind"
    done
    step "clean"
    exit
fi

step "scripts and format"
shellcheck deploy/*.sh .ci/run
swift format lint --strict --recursive Package.swift Sources Tests
step "build"
swift build --build-tests "${imports[@]}"
step "shipped configurations"
relay=$(swift build --show-bin-path)/tsrelay
for folder in configs configs/*/; do
    files=("${folder%/}"/*.ini)
    [ ! -e "${files[0]}" ] || "$relay" check "${files[@]}" >/dev/null || die "tsrelay check ${files[*]}"
done
step "tests"
run_tests --skip-build "${imports[@]}"
if [ "${#filter[@]}" = 0 ]; then
    step "calls of the release build"
    swift build -c release --product tsrelay
    TSRELAY_BINARY=$(swift build -c release --show-bin-path)/tsrelay swift test --skip-build --filter CountTests
fi
step "done"
