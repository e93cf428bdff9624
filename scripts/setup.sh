#!/usr/bin/env bash
# Installs what a make target needs and this machine has not: with apt-get (as root, or through sudo), and Rust
# with rustup. Asks nothing, changes nothing that is there already.
#
#   scripts/setup.sh run|test|bench|bench-recording|load|lint|fuzz
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# A package is missing when the command it is for is.
missing=()
needs() { has "$1" || missing+=("$2"); }

# plugin <file> <package>
plugin() { [ -e "$plugins/libgst$1.so" ] || missing+=("$2"); }

# What recordings need of GStreamer: to build, each package of plugins by one of its plugins, and letters for captions.
find_missing_gstreamer() {
    local plugins
    pkg-config --exists 'gstreamer-1.0 >= 1.22' 2>/dev/null || missing+=(libgstreamer1.0-dev)
    pkg-config --exists 'gstreamer-video-1.0 >= 1.22' 2>/dev/null || missing+=(libgstreamer-plugins-base1.0-dev)
    plugins=$(pkg-config --variable=pluginsdir gstreamer-1.0 2>/dev/null) || plugins=/nonexistent
    plugin opus gstreamer1.0-plugins-base
    plugin matroska gstreamer1.0-plugins-good
    plugin videoparsersbad gstreamer1.0-plugins-bad
    plugin x264 gstreamer1.0-plugins-ugly
    plugin libav gstreamer1.0-libav
    plugin pango gstreamer1.0-x
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing+=(fonts-dejavu-core)
}

find_missing() {
    needs cc build-essential
    needs make build-essential
    needs pkg-config pkg-config
    needs curl curl
    needs node nodejs
    needs npm npm
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    [ "$1" = fuzz ] || find_missing_gstreamer
    if [ "$1" = test ]; then
        needs chromium chromium
        needs firefox-esr firefox-esr
        needs gst-launch-1.0 gstreamer1.0-tools
        needs ip iproute2
        python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    fi
    if [ "$1" = test ] || [ "$1" = bench-recording ]; then
        needs ffmpeg ffmpeg
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif has sudo; then
        sudo --non-interactive "$@"
    else
        return 1
    fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2; }

install_packages() {
    [ "${#missing[@]}" -gt 0 ] || return 0
    local by_hand="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    has apt-get || die "this is no Debian; install these yourself, then try again: ${missing[*]}"
    say "installing ${missing[*]}"
    if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; }; then
        die "could not install packages; try as root: $by_hand"
    fi
}

check_node() {
    local major
    major=$(node --version | sed -E 's/^v([0-9]+).*/\1/')
    [ "$major" -ge 18 ] || die "Node.js $major is too old: 18 or newer is needed to bundle the example client"
}

rust_is_new_enough() {
    local wanted have
    wanted=$(sed -nE 's/^rust-version = "([0-9.]+)"/\1/p' Cargo.toml)
    has cargo || return 1
    have=$(cargo --version 2>/dev/null | cut -d' ' -f2) || return 1
    [ -n "$have" ] && [ "$(printf '%s\n' "$wanted" "$have" | sort -V | head -n1)" = "$wanted" ]
}

install_rust() {
    if ! rust_is_new_enough; then
        say "installing Rust"
        # Debian's rustup and Debian's own cargo exclude each other: an old cargo stays, rustup's goes before it.
        if ! has rustup && ! has cargo && has apt-get; then
            apt install -y --no-install-recommends rustup 2>/dev/null || true
        fi
        if has rustup; then
            rustup toolchain install stable --profile minimal </dev/null >&2 || true
            rustup default stable >&2 || true
        else
            curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
                sh -s -- -y --quiet --profile minimal --default-toolchain stable --no-modify-path >&2 || true
        fi
        hash -r
        rust_is_new_enough || die "Rust $(sed -nE 's/^rust-version = "(.+)"/\1/p' Cargo.toml) or newer could not be" \
            "installed; see https://rustup.rs, then try again"
    fi
}

# Python's packages for the browser tests, unless these very ones are installed.
install_python_packages() {
    local venv=target/python wanted=tests/e2e/python/requirements.txt
    if ! cmp -s "$wanted" "$venv/requirements.txt" || ! "$venv/bin/python" -c ''; then
        say "installing Python packages"
        python3 -m venv --clear "$venv" || die "could not make $venv"
        "$venv/bin/pip" install --quiet --no-input --disable-pip-version-check -r "$wanted" </dev/null >&2 ||
            die "could not install the packages of $wanted"
        cp "$wanted" "$venv"
    fi
}

# component <command> <rustup component>
component() {
    "$1" --version >/dev/null 2>&1 || rustup component add "$2" </dev/null >&2 || die "could not install $2"
}

what=${1:-}
case "$what" in
run | test | bench | bench-recording | load | lint | fuzz) ;;
*) die "usage: scripts/setup.sh run|test|bench|bench-recording|load|lint|fuzz" ;;
esac

export PATH="$HOME/.cargo/bin:$PATH"
find_missing "$what"
install_packages
check_node
install_rust
case "$what" in
test) install_python_packages ;;
lint)
    component cargo-clippy clippy
    component cargo-fmt rustfmt
    ;;
fuzz)
    has rustup || die "fuzzing needs a nightly compiler, and so rustup: see https://rustup.rs"
    rustup toolchain list | grep -q '^nightly' ||
        rustup toolchain install nightly --profile minimal </dev/null >&2 || die "could not install nightly Rust"
    has cargo-fuzz || cargo install --locked cargo-fuzz </dev/null >&2 || die "could not install cargo-fuzz"
    ;;
esac
