# Sourced by the scripts: where the project is, and a few words to people.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$root"

# Debian's Emscripten finds its JavaScript libraries only with this.
export NODE_PATH=/usr/share/nodejs

jobs="${SYNCLINE_JOBS:-$(nproc)}"

say() { printf '%s\n' "== $*"; }
die() { printf '%s\n' "error: $*" >&2; exit 1; }

# --help prints the comment at the top of the script that was called: help_first "$@"
help_first() {
  case "${1:-}" in
    -h | --help) awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; exit 0 ;;
  esac
}

# Configures (once) and builds with a preset: build_preset native-debug [target...]
build_preset() {
  local preset="$1"
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then
    mkdir -p build
    cmake --preset "$preset" > "build/configure-$preset.log" 2>&1 ||
      { cat "build/configure-$preset.log"; return 1; }
  fi
  cmake --build "build/$preset" -j "$jobs" ${1+--target "$@"} -- --quiet | sed '/^ninja: no work to do\.$/d'
}

# Runs a web tool (vite, tsc, vitest, node) with the Node that web/package-lock.json pins.
web_tool() {
  local tool="$1"
  shift
  (cd web && PATH="$root/web/node_modules/.bin:$PATH" "$tool" "$@")
}
