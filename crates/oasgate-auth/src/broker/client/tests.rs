use super::{Client, Metadata, Proof, Voucher};
use crate::broker::redirect::RedirectRules;

fn client(redirect_uris: &[&str], voucher: Voucher) -> Client {
    Client {
        id: "c".into(),
        name: None,
        redirect_uris: redirect_uris.iter().map(|&uri| uri.to_owned()).collect(),
        proof: Proof::None,
        voucher,
        machine_scopes: None,
    }
}

#[test]
fn a_request_names_a_redirect_that_the_client_has() {
    let (one, two) = (["https://a.example/cb"].as_slice(), ["https://a.example/cb", "http://localhost:1/cb"]);
    let rows: [(&[&str], Option<&str>, Option<&str>); 6] = [
        (one, None, Some("https://a.example/cb")),
        (&two, None, None),
        (&[], None, None),
        (&two, Some("http://localhost:7/cb"), Some("http://localhost:7/cb")),
        (one, Some("https://b.example/cb"), None),
        (&[], Some("https://b.example/cb"), None),
    ];
    for (registered, requested, expected) in rows {
        let found = client(registered, Voucher::Nobody).redirect_uri(requested, &RedirectRules::default());
        assert_eq!(found.as_deref(), expected, "{registered:?} {requested:?}");
    }
}

#[test]
fn rules_that_became_narrower_hold_for_who_had_registered_before() {
    let rules = RedirectRules { hosts: vec!["b.example".to_owned()], schemes: Vec::new() };
    for (voucher, expected) in [(Voucher::Nobody, false), (Voucher::Operator, true)] {
        let found = client(&["https://a.example/cb"], voucher).redirect_uri(None, &rules);
        assert_eq!(found.is_some(), expected);
    }
}

#[test]
fn a_name_cannot_rewrite_the_page_around_it() {
    let rows = [
        (Some("Claude Code"), Some("Claude Code")),
        (Some("a\u{202e}b\u{200b}c\nd\u{0}"), Some("abcd")),
        (Some(" \u{feff} "), None),
        (
            Some("Claude\u{201d} to use Notes? Verified by us. \u{201c}x"),
            Some("Claude to use Notes? Verified by us. x"),
        ),
        (Some("a\"b\u{ab}c\u{bb}"), Some("abc")),
        (Some("\u{3164}\u{115f}\u{2800}\u{fe0f}"), None),
        (Some("- . -"), None),
        (Some(""), None),
        (None, None),
    ];
    for (name, expected) in rows {
        let metadata = Metadata { client_name: name.map(str::to_owned), ..Metadata::default() };
        assert_eq!(metadata.display_name().as_deref(), expected, "{name:?}");
    }
    let long = Metadata { client_name: Some("ä".repeat(5_000_000)), ..Metadata::default() };
    assert_eq!(long.display_name().unwrap().chars().count(), 100);
}
