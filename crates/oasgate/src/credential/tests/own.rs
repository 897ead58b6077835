use bytes::Bytes;
use http::{Request, Response};
use indexmap::IndexMap;
use oasgate_spec::{ApiKeyPlace, Scheme, SchemeKind};
use oasgate_tools::SchemeUse;

use super::{key, server};
use crate::credential::{Credentials, Placement, Secret, Show, Variables};

#[test]
fn what_callers_have_goes_where_the_description_and_the_operator_say() {
    let schemes = |kinds: &[(&str, SchemeKind)]| -> IndexMap<String, Scheme> {
        kinds
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), Scheme { description: None, kind: kind.clone() }))
            .collect()
    };
    let header = [("key", key(ApiKeyPlace::Header, "x-api-key"))];
    let both = [("token", SchemeKind::Bearer), ("key", key(ApiKeyPlace::Query, "x-api-key"))];
    let field = |name: &str, text: &str| Placement {
        scheme: None,
        field: Some((name.parse().unwrap(), text.to_owned())),
    };
    let scheme = |name: &str| Placement { scheme: Some(name.to_owned()), field: None };
    type Row<'r> = (&'r [(&'r str, SchemeKind)], Placement, &'r [&'r str], &'r str);
    let rows: [Row<'_>; 7] = [
        (&header, Placement::default(), &["key"], "x-api-key: own-0123456789"),
        (&both, Placement::default(), &["key"], "?x-api-key=own-0123456789"),
        (&both, scheme("token"), &["token"], "authorization: Bearer own-0123456789"),
        (&both, scheme("token"), &["key"], ""),
        (&both, field("x-key", "Key {credential}"), &["key"], "x-key: Key own-0123456789"),
        (&[], Placement::default(), &[], "authorization: Bearer own-0123456789"),
        (&header, Placement::default(), &[], ""),
    ];
    for (kinds, placement, asked, expected) in rows {
        let schemes = schemes(kinds);
        let nothing: Variables<'_> = &|_| None;
        let credentials = Credentials::gather(&schemes, &[], &[], nothing).unwrap();
        let credentials = credentials.of_callers(&schemes, &placement).unwrap();
        let asked: Vec<Vec<SchemeUse>> = asked
            .iter()
            .map(|name| vec![SchemeUse { scheme: (*name).to_owned(), scopes: Vec::new() }])
            .collect();
        let own = Secret::new("own-0123456789");
        let choice = credentials.choose(&asked, Some(&own));
        let request = Request::get("https://api.example/x").body(Bytes::new()).unwrap();
        let request = credentials.attach(&choice, &server(), request, Show::Plain).unwrap();
        let shown = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .chain(request.uri().query().map(|query| format!("?{query}")))
            .collect::<Vec<_>>()
            .join("\n");
        assert_eq!(shown, expected, "{placement:?}");
        let answer = Response::new(Bytes::from_static(b"you sent own-0123456789"));
        let covered = credentials.mask(&choice, answer).into_body();
        assert_eq!(covered.windows(4).any(|text| text == b"****"), !expected.is_empty(), "{placement:?}");
        // Who has none sends none.
        let choice = credentials.choose(&asked, None);
        assert!(choice.is_empty());
    }
    let schemes = schemes(&both);
    let credentials = Credentials::default();
    let wrong = credentials.of_callers(&schemes, &scheme("other")).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "`auth.outbound.scheme`: the description has no security scheme `other`; it has token, key"
    );
}
