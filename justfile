# Short names for what one does often; `just` alone lists them.

[private]
default:
    @just --list

# everything the pull request will be held to
ci:
    .ci/run

# all tests, without network
test *ARGS:
    cargo test --workspace {{ARGS}}

# format and lint
lint:
    cargo fmt && cargo clippy --workspace --all-targets -- -D warnings

# accept changed snapshots, then show them
snapshots:
    INSTA_UPDATE=always cargo test --workspace && git diff -- '*.snap'

# licences, doubles and sources of dependencies
deny:
    cargo deny check bans licenses sources

# real MCP clients against a real server
interop:
    tests/interop/run

# real clients through a whole sign-in
signin:
    tests/signin/run

# the example API, on http://127.0.0.1:8099
tasklist:
    cargo run -p tasklist

# oasgate before the example API (start `just tasklist` first, with the same TASKLIST_TOKEN)
serve:
    cargo run -p oasgate -- serve specs/tasklist.yaml --base-url http://127.0.0.1:8099/api/v1 --credential bearerAuth=env:TASKLIST_TOKEN
