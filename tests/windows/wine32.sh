#!/bin/sh
# A 32-bit program on the Wine that scripts/wine32.sh unpacked: `wine32.sh ROOT FOLDER PROGRAM [ARGUMENT …]`.
# FOLDER is Z:\tmp to it, and C: is kept there. To be run in mount and process namespaces of its own, as root.
set -eu
root=$1 folder=$2
shift 2
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$folder" "$root/tmp"
exec env -i HOME=/tmp WINEPREFIX=/tmp/wine WINEARCH=win32 WINESERVER=/usr/lib/wine/wineserver32 WINEDEBUG=-all \
    WINEDLLOVERRIDES="mscoree,mshtml=;winedbg.exe=d;wbemprox=" /usr/sbin/chroot "$root" /usr/lib/wine/wine "$@"
