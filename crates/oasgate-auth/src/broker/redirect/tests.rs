use proptest::prelude::*;

use super::{RedirectRules, answer, destination, is_same, origin_source, source_expression};

fn admits(uri: &str) -> bool {
    RedirectRules::default().admit(uri).is_ok()
}

#[test]
fn what_real_clients_register_is_taken() {
    for uri in [
        "http://localhost:33418/callback",
        "http://127.0.0.1:1455/auth/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:9000/cb",
        "https://claude.ai/api/mcp/auth_callback",
        "https://claude.com/api/mcp/auth_callback?a=b",
        "https://chatgpt.com/connector/oauth/abc123",
        "cursor://anysphere.cursor-retrieval/oauth/callback",
        "vscode://vscode.github-authentication/did-authenticate",
        "com.example.app:/oauth2redirect",
        "com.example.app://oauth2redirect",
    ] {
        assert!(admits(uri), "{uri}");
    }
}

#[test]
fn open_redirect_what_hides_runs_or_leaks_is_refused() {
    for uri in [
        "",
        "/callback",
        "//evil.example/cb",
        "http://evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://localhost.evil.example/cb",
        "http://127.0.0.1@evil.example/cb",
        "http://@127.0.0.1/cb",
        "http://2130706434/cb",
        "https://user:pw@good.example/cb",
        "https://good.example/cb#fragment",
        "https://good.example/cb#",
        "https://*.example/cb",
        "https://good.example/a b",
        "https://good.example/\tcb",
        "https://good.example\\@evil.example/cb",
        "https:///cb",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "vbscript:x",
        "blob:https://good.example/1",
        "about:blank",
        "ftp://good.example/cb",
        "myapp://cb",
        "urn:ietf:wg:oauth:2.0:oob",
    ] {
        assert!(!admits(uri), "{uri}");
    }
    assert!(!admits(&format!("https://good.example/{}", "a".repeat(2048))));
}

#[test]
fn the_operator_narrows_hosts_and_adds_schemes() {
    let rules = RedirectRules { hosts: vec!["claude.ai".to_owned()], schemes: vec!["myapp".to_owned()] };
    let rows = [
        ("https://claude.ai/cb", true),
        ("https://evil.example/cb", false),
        ("https://claude.ai.evil.example/cb", false),
        ("http://localhost:1/cb", true),
        ("myapp://cb", true),
        ("otherapp://cb", false),
    ];
    for (uri, expected) in rows {
        assert_eq!(rules.admit(uri).is_ok(), expected, "{uri}");
    }
}

#[test]
fn loopback_ports_differ_and_nothing_else() {
    let rows = [
        ("https://a.example/cb", "https://a.example/cb", true),
        ("https://a.example/cb", "https://a.example/cb/", false),
        ("https://a.example/cb", "https://a.example/cb?x=1", false),
        ("https://a.example/cb", "https://a.example:444/cb", false),
        ("https://a.example/cb", "https://A.example/cb", false),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb", true),
        ("http://127.0.0.1/cb", "http://127.0.0.1:2/cb", true),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1/cb", true),
        ("http://localhost:1/cb", "http://localhost:2/cb", true),
        ("http://[::1]:1/cb", "http://[::1]:2/cb", true),
        ("http://127.0.0.1:1/cb", "http://localhost:1/cb", false),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb2", false),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb?x=1", false),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1.evil.example:1/cb", false),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:1@evil.example/cb", false),
        ("http://127.0.0.1:1/cb", "https://127.0.0.1:1/cb", false),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb#f", false),
        ("com.example:/cb", "com.example:/cb2", false),
    ];
    for (registered, requested, expected) in rows {
        assert_eq!(is_same(registered, requested), expected, "{registered} {requested}");
    }
}

#[test]
fn pages_name_where_the_browser_goes() {
    let rows = [
        ("https://claude.ai/cb", "claude.ai", "https://claude.ai"),
        ("http://127.0.0.1:99/cb", "127.0.0.1", "http://127.0.0.1:99"),
        ("cursor://x/cb", "cursor:", "cursor:"),
        ("http://[::1]:5000/cb", "[::1]", "http:"),
        ("https://[::1]/cb", "[::1]", "https:"),
    ];
    for (uri, name, source) in rows {
        assert_eq!((destination(uri).as_str(), source_expression(uri).as_deref()), (name, Some(source)));
    }
}

#[test]
fn no_host_ends_the_directive_that_it_is_written_into() {
    for uri in ["https://a.example;sandbox/cb", "https://a.example,b/cb", "https://a'b.example/cb"] {
        assert_eq!(source_expression(uri).as_deref(), Some("https:"), "{uri}");
    }
}

#[test]
fn an_origin_is_an_origin_and_nothing_more() {
    let rows = [
        ("https://sso.example", Some("https://sso.example")),
        ("https://sso.example/", Some("https://sso.example")),
        ("https://SSO.example:443", Some("https://sso.example")),
        ("http://127.0.0.1:5000", Some("http://127.0.0.1:5000")),
        ("http://sso.example", None),
        ("https://sso.example/login", None),
        ("https://sso.example?a", None),
        ("https://user@sso.example", None),
        ("sso.example", None),
        ("*", None),
        ("https:", None),
        ("javascript:alert(1)", None),
        ("https://a.example; script-src *", None),
    ];
    for (origin, expected) in rows {
        assert_eq!(origin_source(origin).as_deref(), expected, "{origin}");
    }
}

proptest! {
    #[test]
    fn whatever_is_taken_cannot_be_mistaken(uri in "[ -~]{0,60}|(https?|cursor|data)://[a-z0-9.@:#?/%*\\\\]{0,30}") {
        if admits(&uri) {
            let url = url::Url::parse(&uri).unwrap();
            prop_assert!(url.fragment().is_none() && url.username().is_empty());
            prop_assert!(!super::NEVER.contains(&url.scheme()));
            prop_assert!(is_same(&uri, &uri));
        }
    }

    #[test]
    fn what_is_the_same_has_one_host_and_path(
        a in "http://(127\\.0\\.0\\.1|localhost|\\[::1\\]|evil\\.example)(:[1-9][0-9]{0,3})?/[a-c]{0,2}",
        b in "http://(127\\.0\\.0\\.1|localhost|\\[::1\\]|evil\\.example)(:[1-9][0-9]{0,3})?/[a-c]{0,2}",
    ) {
        let (left, right) = (url::Url::parse(&a).unwrap(), url::Url::parse(&b).unwrap());
        let loopback = left.host_str() != Some("evil.example");
        let expected = a == b || loopback && left.host() == right.host() && left.path() == right.path();
        prop_assert_eq!(is_same(&a, &b), expected);
    }

    #[test]
    fn an_answer_is_read_back_whatever_is_in_it(state in ".{0,40}", query in "[a-z]{0,3}=[a-z]{0,3}") {
        let uri = format!("https://a.example/cb?{query}");
        let answered = url::Url::parse(&answer(&uri, [("state", state.as_str())]).unwrap()).unwrap();
        let pairs: Vec<_> = answered.query_pairs().into_owned().collect();
        prop_assert_eq!(pairs.len(), 2);
        prop_assert_eq!(&pairs[1], &("state".to_owned(), state));
    }
}
