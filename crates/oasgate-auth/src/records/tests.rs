use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Record, RecordKind};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sample {
    name: String,
    until: Option<i64>,
    #[serde(with = "super::sealed")]
    blob: Vec<u8>,
}

impl Record for Sample {
    const KIND: RecordKind = RecordKind::Grant;
    const FORMAT: u8 = 12;
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(name: String, until: Option<i64>, blob: Vec<u8>) {
        let record = Sample { name, until, blob };
        prop_assert_eq!(Sample::decode(&record.encode()), Some(record));
    }

    #[test]
    fn arbitrary_bytes_are_no_record(value: Vec<u8>) {
        prop_assert_eq!(Sample::decode(&value), None);
    }
}

#[test]
fn another_format_is_not_read() {
    for (value, reads) in [
        (r#"12 {"name":"a","until":1,"blob":"AAE"}"#, true),
        (r#"12 {"name":"a","blob":""}"#, true),
        (r#"12 {"name":"a","blob":"","more":1}"#, true),
        (r#"1 {"name":"a","blob":""}"#, false),
        (r#"13 {"name":"a","blob":""}"#, false),
        (r#"012 {"name":"a","blob":""}"#, false),
        (r#"{"name":"a","blob":""}"#, false),
        (r#"12 {"name":"a","blob":"?"}"#, false),
        (r#"12 "#, false),
        ("", false),
    ] {
        assert_eq!(Sample::decode(value.as_bytes()).is_some(), reads, "{value}");
    }
}

#[test]
fn keys_of_one_kind_are_no_keys_of_another() {
    use RecordKind::*;
    let kinds = [Client, Cimd, Txn, Consent, Code, Grant, Access, Refresh, Jti, Lease, Replica];
    for kind in kinds {
        let key = kind.key("x");
        assert_eq!(kinds.iter().filter(|kind| key.starts_with(kind.prefix())).count(), 1, "{key}");
    }
}
