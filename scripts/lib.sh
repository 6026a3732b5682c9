# Sourced by the other scripts: brings a fresh machine to where npm scripts run, and says what it does.
# shellcheck shell=sh
cd "$(dirname "$0")/.." || exit 1

say() { printf '\033[1m== %s\033[0m\n' "$*"; }

die() { printf '%s\n' "$*" >&2; exit 1; }

# The project brings its own Node: any npm can install it, whatever Node it runs on.
install_packages() {
  command -v npm >/dev/null || die "npm is needed to install the rest: install Node.js (any version) with npm."
  if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    say "npm ci"
    # Which Node npm itself runs on does not matter here, so its warnings about that would only mislead.
    npm ci --no-audit --no-fund --loglevel=error || die "npm ci failed"
    touch node_modules/.package-lock.json
  fi
  PATH="$PWD/node_modules/.bin:$PATH"
  export PATH
  say "node $(node --version)"
}

# install_programs PROGRAM=PACKAGE ...: what is missing is installed where that is possible, else named.
install_programs() {
  missing=
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || missing="$missing ${pair#*=}"
  done
  [ -n "$missing" ] || return 0
  say "installing$missing"
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  if command -v apt-get >/dev/null; then
    # shellcheck disable=SC2086
    $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  elif command -v brew >/dev/null; then
    # shellcheck disable=SC2086
    brew install $missing
  fi || die "could not install$missing: install them by hand"
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || die "${pair%%=*} is missing: install it by hand, then run this again"
  done
}
