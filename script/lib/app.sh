# Sourced by what needs the runnable product: the server's binary, the WebAssembly module and the web app.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The stages of script/test set this to native-debug: one native build less, and the same code with assertions.
native_preset="${SYNCLINE_NATIVE_PRESET:-native-release}"
syncline_binary="$root/build/$native_preset/server/app/syncline"
wasm_module="$root/build/wasm-release/wasm/syncline.wasm"
web_root="$root/web/app/dist"

# Writes standard input to a file, but leaves an equal file and its time alone.
write_if_changed() {
  mkdir -p "$(dirname "$1")"
  cat > "$1.new"
  if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

# What web/ takes from C++: the schema and the queries of figures as TypeScript, and the module.
build_web_inputs() {
  build_preset "$native_preset" schema_tool
  build_preset wasm-release syncline_module
  local tool="build/$native_preset/server/api/schema_tool" generated=web/packages/client/src/generated types queries
  types="$("$tool" typescript)"
  queries="$("$tool" queries)"
  write_if_changed "$generated/schema.ts" <<< "$types"
  write_if_changed "$generated/crm_queries.ts" <<< "$queries"
  write_if_changed web/app/public/syncline.wasm < "$wasm_module"
}

newer_web_sources() {
  find web -newer "$web_root/index.html" -type f -not -path '*/node_modules/*' -not -path '*/dist/*' \
    -not -path '*/test/*' -print -quit
}

# Builds what is missing or older than its sources.
build_app() {
  say "building the server"
  build_preset "$native_preset" syncline
  say "building the WebAssembly module"
  build_web_inputs
  if [ ! -f "$web_root/index.html" ] || [ -n "$(newer_web_sources)" ]; then
    say "building the web app"
    (cd web && npm run --silent build)
  fi
}
