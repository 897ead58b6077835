use std::collections::BTreeMap;
use std::ffi::OsString;

use oasgate_auth::{Cimd, Leg};

use super::*;

const BROKER: &str = r#"
    public_url = "https://mcp.example.com/mcp"
    [auth.inbound.broker.portal]
    url = "https://portal.example/authorize"
    exchange_url = "https://portal.example/exchange"
    [auth.outbound]
    kind = "minted_key"
"#;

/// What is wrong with a text, as the operator reads it.
fn mistakes(text: &str) -> Vec<String> {
    match config(text).and_then(|config| prepare(&config)) {
        Ok(_) => Vec::new(),
        Err(ConfigError(mistakes)) => mistakes.iter().map(ToString::to_string).collect(),
    }
}

fn config(text: &str) -> Result<Config, ConfigError> {
    let shown = "oasgate.toml".to_owned();
    Ok(Config { file: parse(text, &shown)?, folder: PathBuf::from("/srv"), shown })
}

fn prepare(config: &Config) -> Result<Option<Prepared>, ConfigError> {
    let variables = |name: &str| (name == "SECRET").then(|| OsString::from("s3cret-of-nobody"));
    let scopes = BTreeMap::from([("read".to_owned(), 3)]);
    config.prepare(&Ground { variables: &variables, title: "Tasks", scopes: &scopes, operations: 3 })
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let rows: &[(&str, &[&str])] = &[
        (
            "spec = \"a.yaml\"\nlistn = \"x\"",
            &["oasgate.toml:2:1: there is no key `listn`; there is `listen`"],
        ),
        (
            "lissten = 1\n[auth.inbound.brokr]\n[calls]\nmax_respons = 3",
            &[
                "oasgate.toml:1:1: there is no key `lissten`; there is `listen`",
                "oasgate.toml:2:15: `auth.inbound` has no key `brokr`; there is `broker`",
                "oasgate.toml:4:1: `calls` has no key `max_respons`; there is `max_response`",
            ],
        ),
        ("listen = \"nowhere\"", &["oasgate.toml:1:10: invalid socket address syntax"]),
        (
            "store = { kind = \"redis\" }",
            &["oasgate.toml:1:18: unknown variant `redis`, expected one of `memory`, `sqlite`, `postgres`"],
        ),
        (
            "[store]\nkind = \"sqlite\"\npat = \"x\"",
            &["oasgate.toml:3:1: `store` has no key `pat`; there is `path`"],
        ),
        ("spec = ", &["oasgate.toml:1:8: string values must be quoted, expected literal string"]),
        (
            "[[auth.inbound.resource_server.issuers]]\nissuer = \"https://a.example\"\nalgs = []",
            &[
                "oasgate.toml:3:1: `auth.inbound.resource_server.issuers` has no key `algs`; there is `algorithms`",
            ],
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(mistakes(text), *expected, "{text}");
    }
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    for secret in ["\"hunter2-hunter2\"", "12345678", "true", "{ hunter2 = 1 }", "[\"hunter2\"]", "1.5"] {
        for text in [
            format!("[credentials]\nbearerAuth = {secret}"),
            format!("{BROKER}\n[keys]\nmaster = [{secret}]"),
            format!("[store]\nkind = \"postgres\"\nurl = {secret}"),
            format!("[auth.inbound.broker.oauth]\nclient_id = \"a\"\nclient_secret = {secret}"),
        ] {
            let told = mistakes(&text).join("\n");
            assert!(told.contains("a secret does not belong into the file"), "{text}: {told}");
            assert!(!told.contains("hunter2") && !told.contains("12345678"), "{told}");
        }
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let keys = "[auth.inbound.api_key]\npattern = \"sk_.*\"\n";
    let url = "public_url = \"https://mcp.example.com/mcp\"\n";
    let rows: &[(String, &str)] = &[
        (format!("{keys}[auth.outbound]\nkind = \"forward\""), "`public_url` is needed"),
        (
            format!("public_url = \"http://mcp.example.com/mcp\"\n{keys}[auth.outbound]\nkind = \"forward\""),
            "must be https",
        ),
        (format!("{url}{keys}"), "`auth.outbound` is needed"),
        (
            format!(
                "{url}[[auth.inbound.resource_server.issuers]]\nissuer = \"https://a.example\"\n{keys}[auth.outbound]\nkind = \"forward\""
            ),
            "does not go together with `auth.inbound.resource_server`",
        ),
        (format!("{url}{keys}[auth.outbound]\nkind = \"grant\""), "needs `auth.inbound.broker.oauth`"),
        (format!("{url}{keys}[auth.outbound]\nkind = \"minted_key\""), "with `portal` or `paste`"),
        (
            format!(
                "{url}{keys}[auth.outbound]\nkind = \"token_exchange\"\nissuer = \"https://a.example\"\nclient_id = \"a\""
            ),
            "needs `auth.inbound.resource_server`",
        ),
        ("[auth.outbound]\nkind = \"forward\"".to_owned(), "asks nobody"),
        ("[auth.outbound]\nkind = \"client_credentials\"\nissuer = \"https://a.example\"\nclient_id = \"a\"".to_owned(), "asks nobody"),
        (
            format!(
                "{BROKER}[auth.inbound.broker]\nverify = {{ operation = \"b\" }}\n{keys}verify = {{ operation = \"a\" }}"
            ),
            "`auth.inbound.api_key.verify` and `auth.inbound.broker.verify` say different things",
        ),
        ("trusted_proxies = [\"10.0.0.256\"]".to_owned(), "an address or a network, as in"),
        (format!("replicas = 2\n{BROKER}"), "a store that all of them reach"),
        (format!("{BROKER}[store]\nkind = \"postgres\"\nurl = \"env:SECRET\""), "`keys.master` is needed"),
        (format!("{BROKER}[keys]\nmaster = [\"env:ABSENT\"]"), "environment variable ABSENT"),
        (format!("{BROKER}[auth.inbound.broker.paste]"), "exactly one of"),
        (format!("{BROKER}[credentials]\nbearerAuth = \"env:SECRET\""), "remove one of them"),
    ];
    for (text, expected) in rows {
        let told = mistakes(text);
        assert!(told.iter().any(|told| told.contains(expected)), "{text}: {told:?}");
    }
    assert_eq!(mistakes(BROKER), Vec::<String>::new());
}

/// Every way in at once, and `more` of what goes upstream.
fn all_ways(more: &str) -> String {
    format!(
        r#"
        public_url = "https://mcp.example.com/mcp"
        [auth.inbound.api_key]
        pattern = "sk_.*"
        [[auth.inbound.resource_server.issuers]]
        issuer = "https://as.example"
        [auth.inbound.broker.oauth]
        issuer = "https://login.example"
        client_id = "us"
        [auth.inbound.broker.clients.robot]
        name = "A robot"
        secret = "env:SECRET"
        client_credentials = true
        {more}
    "#
    )
}

#[test]
fn all_ways_in_at_once_have_something_that_goes_upstream() {
    const EXCHANGE: &str = "kind = \"token_exchange\"\nissuer = \"https://as.example\"\nclient_id = \"us\"\n";
    const OWN: &str = "kind = \"client_credentials\"\nissuer = \"https://as.example\"\nclient_id = \"us\"\n";
    let whole = format!(
        "[auth.outbound]\nkind = \"grant\"\n[auth.outbound.resource_server]\n{EXCHANGE}[auth.outbound.machines]\n{OWN}"
    );
    let prepared = prepare(&config(&all_ways(&whole)).unwrap()).unwrap().unwrap();
    let oasgate_auth::Others { api_key, resource_server, machines } = prepared.settings.others;
    assert!(matches!(prepared.settings.outbound, oasgate_auth::Outbound::Grant) && api_key.is_none());
    assert!(matches!(resource_server, Some(oasgate_auth::Outbound::TokenExchange(_))));
    assert!(matches!(machines, Some(oasgate_auth::Outbound::ClientCredentials { .. })));
    // What is said of who signs in leaves the others what is said of all.
    let forwarding = format!("[auth.outbound]\n{OWN}[auth.outbound.broker]\nkind = \"grant\"\n");
    let prepared = prepare(&config(&all_ways(&forwarding)).unwrap()).unwrap().unwrap();
    let oasgate_auth::Others { api_key, resource_server, machines } = prepared.settings.others;
    assert!(matches!(prepared.settings.outbound, oasgate_auth::Outbound::Grant));
    for other in [api_key, resource_server, machines] {
        assert!(matches!(other, Some(oasgate_auth::Outbound::ClientCredentials { .. })));
    }
    let rows: &[(String, &[&str])] = &[
        (
            "[auth.outbound]\nkind = \"grant\"\n".to_owned(),
            &[
                "`auth.outbound.kind = \"grant\"` does not go together with `auth.inbound.resource_server`",
                "`auth.outbound.kind = \"grant\"` does not go together with `auth.inbound.broker.clients`",
            ],
        ),
        (
            format!("[auth.outbound]\n{EXCHANGE}"),
            &[
                "`auth.outbound.kind = \"token_exchange\"` does not go together with `auth.inbound.api_key`",
                "`auth.outbound.kind = \"token_exchange\"` does not go together with `auth.inbound.broker`",
                "`auth.outbound.kind = \"token_exchange\"` does not go together with `auth.inbound.broker.clients`",
            ],
        ),
        (
            format!("{whole}[auth.outbound.api_key]\nkind = \"grant\""),
            &["`auth.outbound.api_key.kind = \"grant\"` does not go together with `auth.inbound.api_key`"],
        ),
        (format!("{whole}[auth.outbound.api_key]\nkind = \"static\""), &["that does not go together"]),
        (
            format!("{whole}[auth.outbound.broker]\nkind = \"minted_key\""),
            &["`auth.outbound.broker.kind = \"minted_key\"` does not go together with `auth.inbound.broker`"],
        ),
    ];
    for (more, expected) in rows {
        let told = mistakes(&all_ways(more));
        assert_eq!(told.len(), expected.len(), "{more}: {told:?}");
        for (told, expected) in told.iter().zip(*expected) {
            assert!(told.contains(expected), "{more}: {told}");
        }
    }
    let for_nobody = format!("{BROKER}[auth.outbound.resource_server]\n{EXCHANGE}");
    assert!(mistakes(&for_nobody)[0].contains("there is no `auth.inbound.resource_server`"));
    let misspelt = format!("{BROKER}[auth.outbound.machines]\n{OWN}client_idd = \"x\"");
    assert!(mistakes(&misspelt)[0].contains("`auth.outbound.machines` has no key `client_idd`"));
}

#[test]
fn proxies_are_addresses_or_networks() {
    let text = "trusted_proxies = [\"10.0.0.1\", \"10.1.0.0/16\", \"fd00::1\", \"fd00::/8\"]";
    let networks: Vec<String> =
        config(text).unwrap().trusted_proxies().iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.1/32", "10.1.0.0/16", "fd00::1/128", "fd00::/8"]);
}

#[test]
fn to_try_a_key_every_time_is_not_to_try_it_never() {
    let keys = |verify: &str| {
        let text = format!(
            "public_url = \"https://mcp.example.com/mcp\"\n[auth.inbound.api_key]\npattern = \"x\"\n{verify}\n[auth.outbound]\nkind = \"forward\""
        );
        prepare(&config(&text).unwrap()).unwrap().unwrap().settings.inbound.api_key.unwrap().verification
    };
    let every_time = keys("verify = { operation = \"a\", ttl = \"0s\" }").unwrap();
    assert!(every_time.ttl.is_zero());
    assert_eq!(keys(""), None);
}

#[test]
fn flags_say_what_the_file_says() {
    let text = r#"
        spec = "api.yaml"
        listen = "0.0.0.0:9000"
        public_url = "https://mcp.example.com/v1/mcp"
        [tools]
        overlays = ["a.yaml"]
        read_only = true
        include = ["a", "b"]
        [calls]
        timeout = 30
        [credentials]
        bearerAuth = "env:TOKEN"
        basicAuth = "file:login"
    "#;
    let config = config(text).unwrap();
    assert_eq!(config.spec(), Some("/srv/api.yaml".into()));
    assert_eq!(
        config.flags(),
        [
            "--listen=0.0.0.0:9000",
            "--path=/v1/mcp",
            "--include=a",
            "--include=b",
            "--read-only",
            "--overlay=/srv/a.yaml",
            "--timeout=30",
            "--credential=basicAuth=file:/srv/login",
            "--credential=bearerAuth=env:TOKEN",
        ]
    );
}

#[test]
fn the_examples_are_sound() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for example in ["portal-key", "company-api"] {
        let config = Config::read(&examples.join(example).join("oasgate.toml")).unwrap();
        let variables = |name: &str| name.ends_with("_SECRET").then(|| OsString::from("s3cret-of-nobody"));
        let ground =
            Ground { variables: &variables, title: "Example", scopes: &BTreeMap::new(), operations: 3 };
        let prepared = config.prepare(&ground).unwrap();
        insta::assert_snapshot!(
            format!("explained_{example}"),
            config
                .explain(prepared.as_ref(), "Example".to_owned())
                .to_string()
                .replace(config.folder.to_str().unwrap(), "FOLDER")
        );
    }
}

#[test]
fn where_clients_documents_and_sign_in_may_be_is_as_told() {
    let portal = "[auth.inbound.broker.portal]";
    let more = format!(
        "[auth.inbound.broker]\ncimd_hosts = [\"a.example\"]\n{portal}\nsign_in_origins = [\"https://sso.example\"]"
    );
    let told = BROKER.replace(portal, &more);
    let usual = ["claude.ai", "claude.com", "chatgpt.com", "vscode.dev", "zed.dev"];
    for (text, hosts, origins) in
        [(BROKER, usual.as_slice(), [].as_slice()), (&told, &["a.example"], &["https://sso.example"])]
    {
        let prepared = prepare(&config(text).unwrap()).unwrap().unwrap();
        let broker = prepared.settings.inbound.broker.unwrap();
        let Cimd::Allowlist { hosts: read, .. } = &broker.cimd else { panic!("{:?}", broker.cimd) };
        assert_eq!(read, hosts);
        let Leg::Portal(portal) = &broker.leg else { panic!("{:?}", broker.leg) };
        assert_eq!(
            (&*portal.sign_in_origins, prepared.settings.operations),
            (as_texts(origins).as_slice(), 3)
        );
    }
}

fn as_texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}
