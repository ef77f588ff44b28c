#!/bin/sh
# Install the Debian packages of the named groups (demo, check, virtual, test, msi, node), when something is missing.
# Elsewhere than on Debian it says what is needed and goes on.
set -eu
here=$(dirname "$0")
wanted=$(awk -v groups=" $* " '/^# \[/ { gsub(/[#\[\] ]/, ""); on = index(groups, " " $0 " "); next } /^#/ { next } on { print $1 }' "$here/packages.txt")
command -v dpkg-query >/dev/null 2>&1 || {
    echo "Not a Debian machine. Besides Python 3.11 or later this needs (Debian's names):" $wanted >&2
    exit 0
}
missing=
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
root=
[ "$(id -u)" = 0 ] || root=sudo
if [ -n "$root" ] && ! command -v sudo >/dev/null 2>&1; then
    echo "Please install as root: apt-get install$missing" >&2
    exit 1
fi
echo "Installing Debian packages:$missing"
$root apt-get update -q
# No recommendations, no questions, and nothing that starts by itself: no card service, no PostgreSQL, no directory.
if [ ! -e /usr/sbin/policy-rc.d ]; then # invoke-rc.d(8) asks it; 101: may not be started
    printf '#!/bin/sh\nexit 101\n' | $root tee /usr/sbin/policy-rc.d >/dev/null
    $root chmod 755 /usr/sbin/policy-rc.d
    trap '$root rm -f /usr/sbin/policy-rc.d' EXIT
fi
if [ ! -e /etc/postgresql-common ]; then # the tests make clusters of their own, and need none of Debian's
    $root mkdir -m 755 /etc/postgresql-common
    echo 'create_main_cluster = false' | $root tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
$root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
