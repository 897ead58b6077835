use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue};

use super::admit;
use super::fetched::lifetime;

#[test]
fn a_client_is_named_by_a_url_that_belongs_to_somebody() {
    let rows = [
        ("https://claude.ai/oauth/claude-code-client-metadata", true),
        ("https://chatgpt.com/oauth/codex/client.json?x=1", true),
        ("https://claude.ai/", false),
        ("https://claude.ai", false),
        ("http://claude.ai/client.json", false),
        ("https://user@claude.ai/client.json", false),
        ("https://claude.ai/client.json#f", false),
        ("https://claude.ai/a/../client.json", false),
        ("https://CLAUDE.ai/client.json", false),
        ("https://127.0.0.1/client.json", false),
        ("https://[::1]/client.json", false),
        ("https://169.254.169.254/latest/meta-data", false),
        ("client.json", false),
        (&format!("https://claude.ai/{}", "x".repeat(2048)), false),
    ];
    for (id, expected) in rows {
        assert_eq!(admit(id).is_some(), expected, "{id}");
    }
}

#[test]
fn a_document_is_believed_for_a_while() {
    let rows = [
        ("", 3600),
        ("public", 3600),
        ("public, max-age=120", 120),
        ("Max-Age=1", 60),
        ("no-store", 60),
        ("max-age=99999999", 86_400),
        ("max-age=x", 3600),
    ];
    for (value, expected) in rows {
        let headers = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(value))]);
        assert_eq!(lifetime(&headers), expected, "{value}");
    }
}
