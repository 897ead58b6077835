use proptest::prelude::*;

use super::field;

#[test]
fn fields_are_quoted_where_they_must_be() {
    let rows = [
        ("plain", "plain"),
        ("", ""),
        ("a,b", "\"a,b\""),
        ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("two\nlines", "\"two\nlines\""),
        ("=1+1", "=1+1"),
    ];
    for (text, expected) in rows {
        assert_eq!(field(text), expected);
    }
}

/// What a CSV reader makes of one field, or `None` where it would see a second field or line.
fn unquoted(field: &str) -> Option<String> {
    match field.strip_prefix('"') {
        Some(rest) => {
            let inner = rest.strip_suffix('"')?;
            let parts: Vec<&str> = inner.split("\"\"").collect();
            parts.iter().all(|part| !part.contains('"')).then(|| parts.join("\""))
        }
        None => (!field.contains([',', '"', '\r', '\n'])).then(|| field.to_owned()),
    }
}

proptest! {
    #[test]
    fn a_field_reads_back_as_itself(text in "[a-c,\"\r\n ]{0,12}") {
        prop_assert_eq!(unquoted(&field(&text)), Some(text));
    }
}
