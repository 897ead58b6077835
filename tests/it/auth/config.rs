//! `oasgate config` and `oasgate keys`: what an operator has of them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::own::{CONFIG, ROBOT_SECRET, prepared};
use crate::support::program::{Ended, command, run};

fn with(arguments: &[&str], file: &Path) -> Command {
    let mut command = command(&[arguments, &[file.to_str().unwrap()]].concat());
    command.env("ROBOT_SECRET", ROBOT_SECRET);
    command
}

#[tokio::test]
async fn check_explains_the_server_and_touches_nothing() {
    let (folder, _) = prepared(CONFIG).await;
    let file = folder.path().join("oasgate.toml");
    let before = fs::read_dir(folder.path()).unwrap().count();
    let Ended { code, stdout, stderr } = run(with(&["config", "check"], &file));
    assert_eq!(code, 0, "{stderr}");
    for said in [
        "Notes: 2 tools",
        "who has signed in by pasting a key of the API here",
        "who has a token of http://127.0.0.1",
        "tried by `getMe` every 60 s",
        "for tokens of others: a token in exchange for the caller's",
        "for machines: a token of our own",
    ] {
        assert!(stdout.contains(said), "{said}: {stdout}");
    }
    let json: Value = serde_json::from_str(&run(with(&["config", "check", "--json"], &file)).stdout).unwrap();
    assert_eq!(json["serves"][0], "Notes: 2 tools");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), before, "no key, no store");
}

#[tokio::test]
async fn check_refuses_what_serve_refuses() {
    let rows = [
        (
            "{ operation = \"getMe\", subject",
            "{ operation = \"getMee\", subject",
            "no tool is made of an operation `getMee`",
        ),
        ("\"ES256\"", "\"HS256\"", "no algorithm for public keys"),
        ("issuer = \"AS\"", "issuer = \"http://as.example\"", "must be an https URL"),
        ("AS/token", "http://as.example/token", "must be an https URL"),
        ("client_secret", "private_key", "private"),
        ("[auth.outbound]\n", "[auth.outbound]\nscheme = \"nonsense\"\n", "no security scheme `nonsense`"),
        ("spec = ", "path = \"/token\"\nspec = ", "/token is where clients look"),
        ("OWN/mcp\"", "OWN/oauth/callback\"", "/oauth/callback is where clients look"),
        ("OWN/mcp\"", "OWN/health\"", "/health is taken"),
        ("\"/mcp/key\"", "\"/register\"", "/register is where clients look"),
        ("\"/mcp/key\"", "\"/ready\"", "/ready is taken"),
        ("\"/mcp/key\"", "\"mcp/key\"", "`auth.inbound.api_key.path`: `mcp/key` is not a path"),
        ("\"/mcp/key\"", "\"/mcp\"", "is the path of the endpoint itself"),
        ("listen = \"127.0.0.1", "listen = \"0.0.0.0", "means the machine of whoever reads it"),
        (
            "spec = ",
            "keys = { master = [\"env:ROBOT_SECRET\"] }\nspec = ",
            "make one with `oasgate keys new`",
        ),
        (
            "[auth.outbound.machines]",
            "[auth.outbound.api_key]",
            "does not go together with `auth.inbound.broker.clients`",
        ),
    ];
    for (said, instead, expected) in rows {
        let text = CONFIG.replace(said, instead);
        assert_ne!(text, CONFIG, "{said}");
        let (folder, _elsewhere) = prepared(&text).await;
        let file = folder.path().join("oasgate.toml");
        let check = run(with(&["config", "check"], &file));
        assert!(check.code != 0 && check.stderr.contains(expected), "{instead}: {check:?}");
        let serve = run(with(&["serve", "--config"], &file));
        assert_eq!((serve.code, serve.stderr), (check.code, check.stderr), "{instead}");
    }
}

#[test]
fn schema_is_one_and_says_what_there_is() {
    let Ended { code, stdout, .. } = run(command(&["config", "schema"]));
    assert_eq!(code, 0);
    let schema: Value = serde_json::from_str(&stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let good = serde_json::json!({
        "spec": "a.yaml",
        "trusted_proxies": ["10.0.0.1"],
        "auth": {
            "inbound": { "api_key": { "pattern": "k-.*", "verify": { "operation": "getMe", "ttl": "0s" } } },
            "outbound": { "kind": "forward", "machines": { "kind": "client_credentials", "client_id": "a" } },
        },
    });
    assert!(validator.is_valid(&good), "{:?}", validator.iter_errors(&good).collect::<Vec<_>>());
    for bad in [
        serde_json::json!({ "lissten": "x" }),
        serde_json::json!({ "auth": { "outbound": { "kind": "magic" } } }),
        serde_json::json!({ "keys": { "master": ["of-nobody"] } }),
    ] {
        assert!(!validator.is_valid(&bad), "{bad}");
    }
}

#[tokio::test]
async fn keys_are_made_counted_and_rotated() {
    let new = || run(command(&["keys", "new"])).stdout.trim().to_owned();
    let (one, other) = (new(), new());
    assert!(one.len() == 43 && one != other, "32 bytes in base64url");
    let (folder, _) = prepared(CONFIG).await;
    let file = folder.path().join("oasgate.toml");
    let list = || {
        let listed = run(with(&["keys", "list", "--json", "--config"], &file));
        assert_eq!(listed.code, 0, "{}", listed.stderr);
        serde_json::from_str::<Vec<Value>>(&listed.stdout).unwrap()
    };
    let first = list();
    assert_eq!((first.len(), &first[0]["newest"], &first[0]["present"]), (1, &true.into(), &true.into()));
    let rotated = run(with(&["keys", "rotate", "--config"], &file));
    assert!(rotated.code == 0 && rotated.stdout.contains("2 keys"), "{rotated:?}");
    let second = list();
    assert_eq!((second.len(), &second[0]["newest"]), (2, &true.into()));
    assert_eq!((&second[1]["kid"], &second[1]["idle"]), (&first[0]["kid"], &true.into()));
    let shown = run(with(&["keys", "list", "--config"], &file)).stdout;
    assert!(shown.contains("newest") && shown.contains("idle"), "{shown}");
    let keys = fs::read_to_string(folder.path().join("oasgate.keys")).unwrap();
    assert!(keys.lines().all(|key| !shown.contains(key)), "of the keys, nothing is shown");
}
