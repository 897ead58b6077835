mod own;

use std::ffi::OsString;
use std::fs;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use indexmap::IndexMap;
use oasgate_spec::{ApiKeyPlace, Scheme, SchemeKind};
use oasgate_tools::{Base, SchemeUse};
use proptest::prelude::*;

use super::{CredentialError, Credentials, HeaderSource, SchemeSource, Show, WrongOrigin};

const KEY: &str = "k3y+/=&?%41 with space";

fn key(place: ApiKeyPlace, name: &str) -> SchemeKind {
    SchemeKind::ApiKey { place, name: name.to_owned() }
}

/// One scheme of every kind, by the name it has in these tests.
fn schemes() -> IndexMap<String, Scheme> {
    let kinds = [
        ("bearer", SchemeKind::Bearer),
        ("oauth", SchemeKind::OAuth2(serde_json::Value::Null)),
        ("oidc", SchemeKind::OpenIdConnect(String::new())),
        ("basic", SchemeKind::Basic),
        ("digest", SchemeKind::Http("Hoba".to_owned())),
        ("header-key", key(ApiKeyPlace::Header, "X-Api-Key")),
        ("query.key", key(ApiKeyPlace::Query, "api key")),
        ("cookie", key(ApiKeyPlace::Cookie, "sid")),
        ("mtls", SchemeKind::MutualTls),
        ("odd", SchemeKind::Unknown("magic".to_owned())),
        ("odd header", key(ApiKeyPlace::Header, "X Key")),
        ("odd cookie", key(ApiKeyPlace::Cookie, "a=b")),
    ];
    let scheme = |kind| Scheme { description: None, kind };
    kinds.into_iter().map(|(name, kind)| (name.to_owned(), scheme(kind))).collect()
}

/// Gathers with these environment variables.
fn gather(
    options: &[&str],
    headers: &[&str],
    variables: &[(&str, &str)],
) -> Result<Credentials, CredentialError> {
    let given = options.iter().map(|text| text.parse()).collect::<Result<Vec<SchemeSource>, _>>()?;
    let headers = headers.iter().map(|text| text.parse()).collect::<Result<Vec<HeaderSource>, _>>()?;
    let find =
        |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| OsString::from(value));
    Credentials::gather(&schemes(), &given, &headers, &find)
}

fn alternatives(security: &[&[&str]]) -> Vec<Vec<SchemeUse>> {
    let scheme =
        |name: &&str| SchemeUse { scheme: (*name).to_owned(), scopes: vec!["things:write".to_owned()] };
    security.iter().map(|schemes| schemes.iter().map(scheme).collect()).collect()
}

fn server() -> Base {
    Base { origin: "https://api.example".to_owned(), path: String::new() }
}

/// The request with credentials: its target, and those of its header fields that are set by them.
fn attached(credentials: &Credentials, security: &[&[&str]], show: Show) -> String {
    let alternatives = alternatives(security);
    let choice = credentials.choose(&alternatives, None);
    let request =
        Request::get("https://api.example/x?a=1").header("cookie", "own=1").body(Bytes::new()).unwrap();
    let request = credentials.attach(&choice, &server(), request, show).unwrap();
    let mut lines = vec![request.uri().to_string()];
    for (name, value) in request.headers() {
        if name != "cookie" || value != "own=1" {
            lines.push(format!("{name}: {}", value.to_str().unwrap()));
        }
    }
    lines.join(" | ")
}

#[test]
fn each_kind_of_scheme_has_its_place_on_the_wire() {
    let url = "https://api.example/x?a=1";
    let rows = [
        ("bearer", KEY, format!("{url} | authorization: Bearer {KEY}")),
        ("bearer", "Bearer abc", format!("{url} | authorization: Bearer abc")),
        ("oauth", KEY, format!("{url} | authorization: Bearer {KEY}")),
        ("oidc", KEY, format!("{url} | authorization: Bearer {KEY}")),
        (
            "basic",
            "Aladdin:open sesame",
            format!("{url} | authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ),
        ("digest", KEY, format!("{url} | authorization: Hoba {KEY}")),
        ("header-key", KEY, format!("{url} | x-api-key: {KEY}")),
        ("query.key", KEY, format!("{url}&api%20key=k3y%2B%2F%3D%26%3F%2541%20with%20space")),
        ("cookie", "k3y+/=", format!("{url} | cookie: own=1; sid=k3y+/=")),
    ];
    for (scheme, secret, expected) in rows {
        let credentials = gather(&[&format!("{scheme}=env:V")], &[], &[("V", secret)]).unwrap();
        assert_eq!(attached(&credentials, &[&[scheme]], Show::Plain), expected, "{scheme}");
        let covered = attached(&credentials, &[&[scheme]], Show::Covered);
        assert!(covered.contains("****") && !covered.contains("k3y"), "{scheme}: {covered}");
    }
}

#[test]
fn the_first_alternative_that_is_complete_is_taken() {
    let credentials = gather(
        &[],
        &[],
        &[
            ("OASGATE_CREDENTIAL_BEARER", "aaa"),
            ("OASGATE_CREDENTIAL_HEADER_KEY", "bbb"),
            ("OASGATE_CREDENTIAL_COOKIE", ""),
        ],
    )
    .unwrap();
    let none = "https://api.example/x?a=1";
    let bearer = "https://api.example/x?a=1 | authorization: Bearer aaa";
    let key = "https://api.example/x?a=1 | x-api-key: bbb";
    let both = "https://api.example/x?a=1 | authorization: Bearer aaa | x-api-key: bbb";
    let rows: [(&[&[&str]], &str); 10] = [
        (&[], none),
        (&[&[]], none),
        (&[&["bearer"]], bearer),
        (&[&["cookie"], &["header-key"], &["bearer"]], key),
        (&[&["bearer", "header-key"]], both),
        (&[&["bearer", "cookie"], &["header-key"]], key),
        (&[&["bearer", "cookie"]], none),
        (&[&[], &["bearer"]], bearer),
        (&[&["cookie"], &[]], none),
        (&[&["undeclared"]], none),
    ];
    for (security, expected) in rows {
        assert_eq!(attached(&credentials, security, Show::Plain), expected, "{security:?}");
    }
}

/// Gathers for a description that declares these bearer schemes only.
fn gather_for(
    declared: &[&str],
    options: &[&str],
    variables: &[(&str, &str)],
) -> Result<Credentials, CredentialError> {
    let given = options.iter().map(|text| text.parse()).collect::<Result<Vec<SchemeSource>, _>>()?;
    let scheme = |name: &&str| ((*name).to_owned(), Scheme { description: None, kind: SchemeKind::Bearer });
    let find =
        |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| OsString::from(value));
    Credentials::gather(&declared.iter().map(scheme).collect(), &given, &[], &find)
}

#[test]
fn operations_that_ask_for_nothing_get_the_universal_credential() {
    let none = "https://api.example/x?a=1";
    let bearer = "https://api.example/x?a=1 | authorization: Bearer secret-a";
    let basic = "https://api.example/x?a=1 | authorization: Basic dTpwYXNz";
    let variables = [
        ("A", "secret-a"),
        ("B", "u:pass"),
        ("OASGATE_CREDENTIAL_BEARER", "secret-a"),
        ("OASGATE_CREDENTIAL_BASIC", ""),
    ];
    // declared schemes, options, security of the operation, what is sent
    type Row<'r> = (&'r [&'r str], &'r [&'r str], &'r [&'r [&'r str]], &'r str);
    let rows: [Row<'_>; 10] = [
        (&[], &["bearer=env:A"], &[], bearer),
        (&[], &["bearer=env:A"], &[&[]], bearer),
        (&[], &["basic=env:B"], &[], basic),
        (&[], &[], &[], bearer),
        (&[], &["bearer=env:A"], &[&["undeclared"]], none),
        (&[], &["bearer=env:A"], &[&["undeclared"], &[]], none),
        (&["token"], &["bearer=env:A"], &[], bearer),
        (&["token"], &["bearer=env:A"], &[&["token"]], none),
        (&["token"], &[], &[], none),
        (&["bearer"], &["bearer=env:A"], &[], none),
    ];
    for (declared, options, security, expected) in rows {
        let credentials = gather_for(declared, options, &variables).unwrap();
        assert_eq!(attached(&credentials, security, Show::Plain), expected, "{declared:?} {options:?}");
        let covered = attached(&credentials, security, Show::Covered);
        assert!(!covered.contains("secret-a") && !covered.contains("dTpw"), "{covered}");
        assert!(!format!("{credentials:?}").contains("secret-a"));
        if expected == bearer {
            assert_eq!(masked(&credentials, "you sent secret-a"), "you sent ****");
        }
    }
    let refused: [(&[&str], &[&str], &str); 4] = [
        (&["Bearer"], &["bearer=env:A"], "no security scheme `bearer`; it has Bearer"),
        (&[], &["beare=env:A"], "no security scheme `beare`"),
        (&[], &["bearer=env:A", "basic=env:B"], "the same header field"),
        (&[], &["basic=env:A"], "`user:password`"),
    ];
    for (declared, options, expected) in refused {
        let error = gather_for(declared, options, &variables).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("secret-a"), "{error}");
    }
}

#[test]
fn a_refused_universal_credential_is_named() {
    let credentials = gather_for(&[], &["bearer=env:A"], &[("A", "secret-a")]).unwrap();
    let advice = credentials.advice(&credentials.choose(&[], None), StatusCode::UNAUTHORIZED).unwrap();
    assert!(advice.contains("`bearer` from environment variable A"), "{advice}");
}

#[test]
fn header_fields_of_the_operator_go_onto_every_request_and_replace() {
    let variables = [("OASGATE_CREDENTIAL_BEARER", "aaa"), ("V", "Token xyz")];
    let credentials = gather(&[], &["Authorization=env:V"], &variables).unwrap();
    let expected = "https://api.example/x?a=1 | authorization: Token xyz";
    assert_eq!(attached(&credentials, &[&["bearer"]], Show::Plain), expected);
    assert_eq!(attached(&credentials, &[], Show::Plain), expected);
}

#[test]
fn nothing_is_attached_to_a_request_for_another_origin() {
    let credentials = gather(&[], &[], &[("OASGATE_CREDENTIAL_BEARER", "aaa")]).unwrap();
    let alternatives = alternatives(&[&["bearer"]]);
    let choice = credentials.choose(&alternatives, None);
    for uri in [
        "http://api.example/x",
        "https://api.example:8443/x",
        "https://api.example.evil/x",
        "https://evil.example/https://api.example",
        "https://user@api.example/x",
        "/x",
    ] {
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        assert_eq!(
            credentials.attach(&choice, &server(), request, Show::Plain).unwrap_err(),
            WrongOrigin,
            "{uri}"
        );
    }
    let request = Request::get("https://API.example/x").body(Bytes::new()).unwrap();
    credentials.attach(&choice, &server(), request, Show::Plain).unwrap();
}

#[test]
fn what_cannot_be_used_is_refused_and_never_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let long = file("long", &vec![b's'; 100_000]);
    let (two, none, odd) = (file("two", b"s3cret\ns3cret"), file("none", b"\n"), file("odd", b"s3cret\xff"));
    let rows = [
        ("bearer=s3cret".to_owned(), "does not name a source"),
        ("bearer=env:".to_owned(), "does not name a source"),
        ("bearer=ENV:s3cret".to_owned(), "does not name a source"),
        ("s3cret".to_owned(), "takes `SCHEME=env:VARIABLE`"),
        ("=env:V".to_owned(), "takes `SCHEME=env:VARIABLE`"),
        ("bear=env:V".to_owned(), "no security scheme `bear`; it has bearer, oauth"),
        ("bearer=env:UNSET".to_owned(), "environment variable UNSET cannot be read: it is not set"),
        ("bearer=env:EMPTY".to_owned(), "it is empty"),
        ("bearer=env:LINES".to_owned(), "a line break"),
        ("basic=env:V".to_owned(), "`user:password`"),
        ("cookie=env:SPACED".to_owned(), "a cookie cannot hold"),
        (format!("bearer=file:{two}"), "a line break"),
        (format!("bearer=file:{none}"), "it is empty"),
        (format!("bearer=file:{odd}"), "it is not UTF-8 text"),
        (format!("bearer=file:{long}"), "it has more than 64 KiB"),
        (format!("bearer=file:{long}.no"), "cannot be read"),
    ];
    let variables = [("V", "s3cret"), ("EMPTY", ""), ("LINES", "s3cret\r\nX: s3cret"), ("SPACED", "s3 cret")];
    for (option, expected) in rows {
        let error = gather(&[&option], &[], &variables).unwrap_err().to_string();
        assert!(error.contains(expected), "{option}: {error}");
        assert!(!error.contains("s3"), "{option}: {error}");
    }
    for header in ["Host=env:V", "Content-Length=env:V", "Transfer-Encoding=env:V", "X Y=env:V", "X=s3cret"] {
        let error = gather(&[], &[header], &variables).unwrap_err().to_string();
        assert!(!error.contains("s3"), "{header}: {error}");
    }
}

#[test]
fn a_file_ends_where_its_last_line_does() {
    let folder = tempfile::tempdir().unwrap();
    for (index, text) in ["abcdef", "abcdef\n", "abcdef\r\n"].into_iter().enumerate() {
        let path = folder.path().join(index.to_string());
        fs::write(&path, text).unwrap();
        let credentials = gather(&[&format!("bearer=file:{}", path.display())], &[], &[]).unwrap();
        let expected = "https://api.example/x?a=1 | authorization: Bearer abcdef";
        assert_eq!(attached(&credentials, &[&["bearer"]], Show::Plain), expected, "{text:?}");
    }
}

#[test]
fn what_cannot_be_served_is_told_at_the_start() {
    let credentials = gather(&[], &[], &[]).unwrap();
    let status: Vec<String> =
        credentials.status().map(|(name, status)| format!("{name}: {status:?}")).collect();
    insta::assert_snapshot!(status.join("\n"), @r#"
    bearer: Missing("OASGATE_CREDENTIAL_BEARER")
    oauth: Missing("OASGATE_CREDENTIAL_OAUTH")
    oidc: Missing("OASGATE_CREDENTIAL_OIDC")
    basic: Missing("OASGATE_CREDENTIAL_BASIC")
    digest: Missing("OASGATE_CREDENTIAL_DIGEST")
    header-key: Missing("OASGATE_CREDENTIAL_HEADER_KEY")
    query.key: Missing("OASGATE_CREDENTIAL_QUERY_KEY")
    cookie: Missing("OASGATE_CREDENTIAL_COOKIE")
    mtls: Unsupported("client certificates are not supported yet")
    odd: Unsupported("schemes of type `magic` are not supported")
    odd header: Unsupported("`X Key` cannot be the name of a header field")
    odd cookie: Unsupported("`a=b` cannot be the name of a cookie")
    "#);
}

#[test]
fn advice_names_what_is_missing_and_how_to_give_it() {
    let variables = [("OASGATE_CREDENTIAL_BEARER", "s3cret"), ("V", "s3cret")];
    let some = gather(&[], &[], &variables).unwrap();
    let header = gather(&[], &["X-Key=env:V"], &variables).unwrap();
    let rows: [(&Credentials, &[&[&str]], u16); 8] = [
        (&some, &[&["cookie"], &["header-key", "bearer"], &[]], 401),
        (&some, &[&["mtls"]], 401),
        (&some, &[], 401),
        (&some, &[&["bearer"]], 401),
        (&some, &[&["bearer"]], 403),
        (&header, &[], 403),
        (&some, &[&["bearer"]], 404),
        (&some, &[&["cookie"]], 200),
    ];
    let mut told = Vec::new();
    for (credentials, security, status) in rows {
        let alternatives = alternatives(security);
        let choice = credentials.choose(&alternatives, None);
        let advice = credentials.advice(&choice, StatusCode::from_u16(status).unwrap());
        told.push(format!("{status}: {}", advice.unwrap_or_else(|| "(nothing)".to_owned())));
    }
    assert!(!told.concat().contains("s3cret"));
    insta::assert_snapshot!(told.join("\n"));
}

/// An answer that repeats what it was sent.
fn masked(credentials: &Credentials, text: &str) -> String {
    let answer = Response::builder().header("location", text).body(Bytes::from(text.to_owned())).unwrap();
    let answer = credentials.mask(&credentials.choose(&[], None), answer);
    assert_eq!(answer.headers()["location"], std::str::from_utf8(answer.body()).unwrap());
    String::from_utf8(answer.into_body().into()).unwrap()
}

#[test]
fn credentials_that_come_back_are_covered() {
    let variables =
        [("K", "abc/def+ghi\"jkl"), ("B", "user:open sesame!"), ("H", "Token secret-token"), ("S", "short")];
    let options = ["query.key=env:K", "basic=env:B", "oauth=env:S"];
    let credentials = gather(&options, &["X=env:H"], &variables).unwrap();
    let rows = [
        ("nothing to see", "nothing to see"),
        ("key abc/def+ghi\"jkl.", "key ****."),
        ("abc/def+ghi\"jklabc/def+ghi\"jkl", "********"),
        (r#"{"key": "abc/def+ghi\"jkl"}"#, r#"{"key": "****"}"#),
        (r#"?api_key=abc%2Fdef%2Bghi%22jkl&x=1"#, "?api_key=****&x=1"),
        ("Basic dXNlcjpvcGVuIHNlc2FtZSE=", "Basic ****"),
        ("password open sesame!", "password ****"),
        ("X: Token secret-token", "X: ****"),
        ("in short", "in short"),
    ];
    for (text, expected) in rows {
        assert_eq!(masked(&credentials, text), expected);
    }
}

proptest! {
    #[test]
    fn no_credential_survives_in_an_answer(secret in "[!-~]{8,40}", before in "[ -~]{0,20}", after in "[ -~]{0,20}") {
        let credentials = gather(&["header-key=env:V"], &[], &[("V", &secret)]).unwrap();
        let text = format!("{before}{secret}{after}{secret}");
        prop_assert!(!masked(&credentials, &text).contains(&secret));
    }

    #[test]
    fn nothing_shows_a_credential(secret in "[!-~]{12,40}") {
        let credentials = gather(&["header-key=env:V", "query.key=env:V", "digest=env:V"], &["X-Y=env:V"], &[("V", &secret)]).unwrap();
        let alternatives = alternatives(&[&["header-key", "query.key", "digest"]]);
        let choice = credentials.choose(&alternatives, None);
        let shown = format!("{credentials:?} {choice:?} {}", attached(&credentials, &[&["header-key", "query.key", "digest"]], Show::Covered));
        prop_assert!(!shown.contains(&secret), "{shown}");
    }
}
