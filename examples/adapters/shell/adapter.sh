#!/bin/sh
# Adapter of an SDK that is a command: pytest --pyargs conformance --adapter-cmd ./adapter.sh
# Needs jq. To be changed for another SDK: sdk, call, failure and the hello; the rest is protocol.
set -u
clients=$(mktemp -d)
trap 'rm -rf "$clients"' EXIT

# The command of the SDK with the settings of the client; what it writes on stderr is its error.
sdk() {
  ACME_BASE_URL=$(jq -r .base_url "$settings") ACME_API_KEY=$(jq -r '.api_key // ""' "$settings") \
    acme "$@" 2>"$clients/error"
}

# What the SDK returns, as JSON. An argument that was not given is one that is not there.
call() {
  settings=$(settings_file)
  case $(member .method) in
    createBatch) printf '%s' "$line" | jq -c .args.request | sdk create ;;
    getBatch)
      if [ "$(member '.args | has("batch_id")')" = true ]; then
        sdk get "$(member .args.batch_id)"
      else
        sdk get
      fi ;;
    *) return 127 ;;
  esac
}

# This SDK prints a message, then a line with the status; without one the kind is other.
failure() {
  jq -cR -n '[inputs] as $lines | ($lines[-1] | tonumber?) as $status
    | {type: "acme", message: ($lines[0] // "")}
    + if $status then {kind: "http", status: $status} else {kind: "other"} end' "$clients/error" |
    grep . || printf '{"kind":"other","type":"acme","message":""}'
}

hello() {
  jq -cn --arg version "$(acme --version)" --arg runtime "$(uname -sr)" '{
    protocol: 1, adapter: {name: "acme-shell", version: "1"},
    sdk: {name: "acme", version: $version, language: "shell", runtime: $runtime},
    methods: {createBatch: "acme create", getBatch: "acme get"},
    options: ["base_url", "api_key"], concurrency: 1}'
}

unsupported() {
  jq -cn --arg method "$(member .method)" \
    '{kind: "unsupported", method: $method, reason: "the SDK has no such command"}'
}

member() { printf '%s' "$line" | jq -r "$1"; }
settings_file() { printf '%s/of-%s' "$clients" "$(member '.client | @uri')"; }
# One answer on stdout, where nothing else may be: `say result '{}'`.
say() {
  jq -cn --argjson id "$id" --arg name "$1" --argjson member "$2" '{id: $id, ($name): $member}'
}

while IFS= read -r line; do
  id=$(member .id)
  case $(member .op) in
    hello) say result "$(hello)" ;;
    open) printf '%s' "$line" | jq -c .settings >"$(settings_file)"; say result '{}' ;;
    call)
      value=$(call)
      case $? in
        0) say result "{\"value\":${value:-null},\"type\":\"text\"}" ;;
        127) say error "$(unsupported)" ;;
        *) say error "$(failure)" ;;
      esac ;;
    close) rm -f "$(settings_file)"; say result '{}' ;;
    exit) say result '{}'; exit 0 ;;
    *) say error '{"kind":"protocol"}' ;;
  esac
done
