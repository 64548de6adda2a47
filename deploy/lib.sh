# shellcheck shell=bash
# What the scripts of this folder share. Sourced, not run.
# shellcheck disable=SC2034  # the names at the top are for those who source this

export HOME="${HOME:-/root}"
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
player_script=${TSRELAY_JSMPEG:-${XDG_DATA_HOME:-$HOME/.local/share}/tsrelay/jsmpeg.js}

# The parsers read by Span, which Swift 6.2 brought.
swift_needed=6.2
# The libraries that the node links, and what the Swift toolchain links and runs with on a Debian without anything.
build_packages=(ca-certificates git pkg-config libuv1-dev libssl-dev
    binutils g++ libc6-dev libcurl4 libedit2 libncurses6 libsqlite3-0 libxml2 tzdata zlib1g-dev)
# What the tests call besides, and the parsers that they compare ours with.
test_packages=(ffmpeg chromium chromium-driver curl iproute2 shellcheck procps libhttp-parser-dev libinih-dev libwslay-dev valgrind)

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$(basename "$0"): $*"
    exit 1
}

# Runs a command as root: directly, or through sudo where there is one.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
        die "root rights are needed for: $*"
    fi
}

# Runs a command up to four times, with 2, 4 and 8 s in between: mirrors fail now and then.
retry() {
    local pause
    for pause in 2 4 8 0; do
        "$@" && return
        [ "$pause" = 0 ] || { say "again in $pause s: $*"; sleep "$pause"; }
    done
    return 1
}

# Installs the Debian packages of the list that are not there yet.
apt_install() {
    local missing=() package
    command -v apt-get >/dev/null || die "no apt-get here; install these or their like yourself: $*"
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
    done
    [ "${#missing[@]}" = 0 ] && return
    say "installing ${missing[*]}"
    retry as_root apt-get update -q >/dev/null || die "apt-get update failed four times"
    retry as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" \
        >/dev/null || die "apt-get install failed four times: ${missing[*]}"
}

# Puts a Swift compiler of at least $swift_needed on PATH and installs what it and the node need; dies with one line
# within a second where there is none and none can be fetched.
need_swift() {
    local found folder remedy
    remedy="install Swift $swift_needed or newer (the code reads by Span, which $swift_needed brought) from"
    remedy+=" https://www.swift.org/install and put it on PATH"
    for folder in "$HOME/.local/share/swiftly/bin" /opt/swift/usr/bin /usr/libexec/swift/bin; do
        command -v swiftc >/dev/null || { [ -x "$folder/swiftc" ] && PATH=$folder:$PATH; }
    done
    if ! command -v swiftc >/dev/null; then
        # A second is enough to learn that there is no way out.
        if ! timeout 0.8 bash -c ': </dev/tcp/download.swift.org/443' 2>/dev/null; then
            command -v swift >/dev/null && remedy+="; the 'swift' here is OpenStack's storage client, no compiler"
            die "no Swift compiler: $remedy (Debian's package 'swift' is something else)"
        fi
        apt_install "${build_packages[@]}" curl gnupg
        install_swiftly || die "swiftly failed: $remedy"
    fi
    [ "$(uname -s)" = Linux ] && apt_install "${build_packages[@]}"
    found=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
    [ -n "$found" ] || die "swift --version does not name a Swift compiler: $remedy"
    [ "$(printf '%s\n' "$swift_needed" "$found" | sort -V | head -n 1)" = "$swift_needed" ] ||
        die "Swift $found is too old: $remedy"
}

# Installs the newest Swift release for this user with swiftly, the Swift project's own installer.
install_swiftly() {
    local folder
    folder=$(mktemp -d)
    say "no Swift compiler: installing one with swiftly (about 1 GB)"
    retry curl -fsSL -o "$folder/swiftly.tar.gz" "https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz" &&
        tar -xzf "$folder/swiftly.tar.gz" -C "$folder" &&
        "$folder/swiftly" init --assume-yes --quiet-shell-followup >&2
    rm -rf "$folder"
    PATH=$HOME/.local/share/swiftly/bin:$PATH
    command -v swiftc >/dev/null
}

# Waits up to $1 seconds until a line of file $2 matches $3, and prints the first such line.
wait_for_line() {
    local end=$((SECONDS + $1))
    until grep -m 1 -E -- "$3" "$2" 2>/dev/null; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}
