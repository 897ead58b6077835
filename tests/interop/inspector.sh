#!/usr/bin/env bash
# The Inspector's command line (`@modelcontextprotocol/inspector --cli`), in either era of the protocol.
# usage: [MCP_ERA=legacy|auto|modern] inspector.sh URL | COMMAND [ARGUMENT...]
#
# Runs where the clients are installed. Each call is a process and a connection of its own.
set -euo pipefail

target=("$@")
[[ $# -gt 0 ]] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
era=${MCP_ERA:-auto}
node=node_modules/node/bin/node

# The Inspector keeps a catalogue in the home folder, and hands a server only the variables it is told to.
HOME=$(mktemp -d)
export HOME
variables=()
[[ $1 == http* ]] || variables=(-e "TASKLIST_TOKEN=$TASKLIST_TOKEN")
trap 'rm -rf "$HOME"' EXIT

inspector=("$node" node_modules/.bin/mcp-inspector --cli --quiet --format json --protocol-era "$era")

inspect() {
  "${inspector[@]}" "$@" "${variables[@]}" -- "${target[@]}"
}

call() { # TOOL ARGUMENTS
  inspect --method tools/call --tool-name "$1" --tool-args-json "$2"
}

pick() { # EXPRESSION over `result`, from JSON on stdin, where `value` is what the tool answered
  "$node" -e '
    const { result } = JSON.parse(require("fs").readFileSync(0, "utf8"));
    const value = () => result.structuredContent ?? JSON.parse(result.content[0].text);
    console.log(eval(process.argv[1]));' "$1"
}

hear() { # PATH: waits for what the API has to tell of a call that is never answered
  "$node" -e 'fetch(process.argv[1]).then((answer) => answer.text())' "$UPSTREAM/$1"
}

same() { # WHAT ACTUAL EXPECTED
  [[ $2 == "$3" ]] || { echo "FAILED: $1: $2, not $3" >&2; exit 1; }
}

tools=$(inspect --method tools/list)
count=$(pick 'result.tools.length' <<<"$tools")
echo "inspector $era: $count tools"
same "number of tools" "$count" "$TOOLS"
names=$(pick 'result.tools.map((tool) => tool.name).sort().join(" ")' <<<"$tools")
for operation in completeTask createList createTask deleteList deleteTask exportTasks \
  getList getTask listLists listTasks updateTask never; do
  [[ " $names " == *" $operation "* ]] || { echo "FAILED: no tool $operation" >&2; exit 1; }
done

list=$(call createList '{"title": "interop inspector"}' | pick 'value().id')
same "title" "$(call getList "{\"listId\": $list}" | pick 'value().title')" "interop inspector"

# The model's mistake: the Inspector exits with 5 for a result with isError, and with 1 for an error of the protocol.
status=0
wrong=$(call createTask "{\"listId\": $list, \"title\": 7}" 2>/dev/null) || status=$?
same "exit status of a wrong argument" "$status" 5
same "isError" "$(pick 'result.isError' <<<"$wrong")" true
same "names the argument" "$(pick 'result.content[0].text.includes("title")' <<<"$wrong")" true
# One that is not listed it does not even ask for.
unknown=$(call noSuchTool '{}' 2>&1) && { echo "FAILED: noSuchTool was called" >&2; exit 1; }
[[ $unknown == *noSuchTool* ]] || { echo "FAILED: does not name the tool: $unknown" >&2; exit 1; }

# Whoever has enough of waiting interrupts it.
key=inspector-$$
"${inspector[@]}" --method tools/call --tool-name never --tool-args-json "{\"key\": \"$key\"}" \
  "${variables[@]}" -- "${target[@]}" >/dev/null 2>&1 &
hear "arrived/$key"
kill $!
wait $! || true
[[ -z ${CANCEL_IS_HEARD-} ]] || hear "ended/$key"

call deleteList "{\"listId\": $list}" >/dev/null
