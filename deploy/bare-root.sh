#!/usr/bin/env bash
# Proves a command in a Debian without anything, made by debootstrap, with this machine's Swift toolchain mounted in.
# The committed state of this checkout is cloned to /srv/tsrelay there. Needs root; mounts vanish with the command.
#
#   deploy/bare-root.sh deploy/demo.sh --once
#   deploy/bare-root.sh deploy/test.sh
#   deploy/bare-root.sh --without-compiler deploy/demo.sh --once
#   BARE_ROOT=FOLDER   where the root is made (kept for the next call); default a temporary one
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

compiler=yes
[ "${1:-}" != --without-compiler ] || { compiler='' && shift; }
[ $# -gt 0 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
[ "$(id -u)" = 0 ] || die "needs root"
apt_install debootstrap git util-linux
toolchain=''
[ -z "$compiler" ] || toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc || echo /opt/swift/usr/bin/swiftc)")")")
# swiftc is a link to swift-frontend or swift-driver in the same folder, so this is the toolchain's usr.

if [ -n "${BARE_ROOT:-}" ]; then root=$BARE_ROOT; else
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
fi
if [ ! -x "$root/usr/bin/apt-get" ]; then
    say "making a bare Debian in $root"
    retry debootstrap --variant=minbase bookworm "$root" http://deb.debian.org/debian >"$root.log" 2>&1 ||
        die "debootstrap failed: $(tail -n 3 "$root.log")"
fi
# The same sources and settings of apt as outside, as far as Debian itself goes.
cp -a /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
rm -f "$root"/etc/apt/apt.conf.d/docker-*
if [ -e /etc/apt/sources.list.d/debian.sources ]; then
    rm -f "$root/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/"
else
    cp /etc/apt/sources.list "$root/etc/apt/sources.list"
fi
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
rm -rf "$root/srv/tsrelay"
git -c advice.detachedHead=false clone -q "$repository" "$root/srv/tsrelay"
mkdir -p "$root/opt/swift/usr" "$root/proc" "$root/dev"

# A namespace of its own for mounts and processes: whatever happens, nothing stays mounted or running.
# shellcheck disable=SC2016  # expanded inside
unshare --mount --pid --fork --kill-child --propagation private bash -euc '
    root=$1 toolchain=$2
    shift 2
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t sysfs sysfs "$root/sys" 2>/dev/null || true
    [ -z "$toolchain" ] || mount --bind -o ro "$toolchain" "$root/opt/swift/usr"
    exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/swift/usr/bin \
        ${TSRELAY_LONG:+TSRELAY_LONG="$TSRELAY_LONG"} ${TSRELAY_FILTER:+TSRELAY_FILTER="$TSRELAY_FILTER"} \
        bash -c "cd /srv/tsrelay && exec \"\$@\"" bash "$@"
' bash "$root" "$toolchain" "$@"
