#!/usr/bin/env bash
# mcp-remote, which clients that know only stdio put between themselves and a server over HTTP; the client is ts1.
# usage: [MCP_ERA=legacy|auto] remote.sh URL
set -euo pipefail

[[ $# == 1 ]] || { sed -n '3s/^# //p' "$0" >&2; exit 2; }
node=$PWD/node_modules/node/bin/node
era=${MCP_ERA:-auto}

# It remembers what it knows of servers.
MCP_REMOTE_CONFIG_DIR=$(mktemp -d)
export MCP_REMOTE_CONFIG_DIR
trap 'rm -rf "$MCP_REMOTE_CONFIG_DIR"' EXIT

said=$("$node" ts1.mjs "$node" node_modules/mcp-remote/dist/proxy.js "$1" --allow-http --transport http-only \
  --protocol "$era")
echo "mcp-remote $era, $said"
