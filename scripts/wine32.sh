#!/bin/sh
# Wine for 32-bit programs, unpacked into a folder: `wine32.sh DIRECTORY`. Nothing is installed on this machine.
# Installing Debian's wine32 here would need this machine's libraries in the very version of the i386 ones.
set -eu
directory=$1
packages="wine32 libwine libz-mingw-w64 libc6 libgcc-s1 libunwind8 liblzma5" # what a program without windows needs
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/packages"
cat > "$work/apt.conf" <<END
APT::Architecture "i386";
APT::Architectures { "i386"; };
APT::Sandbox::User "root";
Dir::State "$work";
Dir::State::status "/dev/null";
Dir::Cache "$work/cache";
END
export APT_CONFIG="$work/apt.conf"
# One of Debian's lists may be missing for a while: the packages are in the others, too.
apt-get update -q || true
(cd "$work/packages" && apt-get download -q $packages)
for package in "$work"/packages/*.deb; do
    dpkg-deb -x "$package" "$directory"
done
# Debian does this when it installs Wine.
cp "$directory/usr/i686-w64-mingw32/lib/zlib1.dll" "$directory/usr/lib/i386-linux-gnu/wine/i386-windows/"
mkdir -p "$directory/dev" "$directory/proc" "$directory/tmp"
