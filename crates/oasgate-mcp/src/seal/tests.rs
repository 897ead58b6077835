//! A seal holds for what it was made for, and for nothing else.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Key, Purpose, Seal};

fn purpose(principal: Option<&str>, method: &str, about: &str, parameters: &Value) -> Purpose {
    Purpose::new(principal, method, about, parameters)
}

fn seal() -> Seal {
    Seal::new(Key::new([7; 32]))
}

#[test]
fn purposes() {
    let same = purpose(Some("ada"), "tools/call", "t", &json!({"a": 1, "b": [1, {"c": null, "d": "x"}]}));
    let sealed = seal().close("state", &same).unwrap();
    let arguments = json!({"a": 1, "b": [1, {"c": null, "d": "x"}]});
    let rows = [
        ("the same", purpose(Some("ada"), "tools/call", "t", &arguments), true),
        (
            "in another order",
            purpose(Some("ada"), "tools/call", "t", &json!({"b": [1, {"d": "x", "c": null}], "a": 1})),
            true,
        ),
        ("another principal", purpose(Some("bob"), "tools/call", "t", &arguments), false),
        ("no principal", purpose(None, "tools/call", "t", &arguments), false),
        ("another method", purpose(Some("ada"), "prompts/get", "t", &arguments), false),
        ("another tool", purpose(Some("ada"), "tools/call", "u", &arguments), false),
        ("no arguments", purpose(Some("ada"), "tools/call", "t", &Value::Null), false),
        ("parts that run together", purpose(Some("adatools/call"), "", "t", &arguments), false),
        (
            "another argument",
            purpose(Some("ada"), "tools/call", "t", &json!({"a": "1", "b": [1, {"c": null, "d": "x"}]})),
            false,
        ),
    ];
    for (rule, purpose, opens) in rows {
        assert_eq!(seal().open(&sealed, &purpose).as_deref(), opens.then_some("state"), "{rule}");
    }
    assert_eq!(Seal::new(Key::new([8; 32])).open(&sealed, &same), None, "another key");
    assert_ne!(purpose(Some(""), "", "", &Value::Null), purpose(None, "", "", &Value::Null));
}

#[test]
fn time() {
    let seal = seal().with_ttl(Duration::from_secs(10));
    let (now, purpose) = (SystemTime::now(), purpose(None, "m", "", &Value::Null));
    let sealed = seal.close_at(now, "state", &purpose).unwrap();
    for (after, opens) in [(0, true), (9, true), (10, false), (1000, false)] {
        let opened = seal.open_at(now + Duration::from_secs(after), &sealed, &purpose);
        assert_eq!(opened.is_some(), opens, "{after}");
    }
}

#[test]
fn keys_are_not_for_logs() {
    assert!(!format!("{:?}", seal()).contains('7'));
    assert_ne!(Key::random().unwrap().0, Key::random().unwrap().0);
}

proptest! {
    #[test]
    fn what_was_sealed_opens(state in ".*") {
        let purpose = purpose(None, "m", "", &Value::Null);
        let sealed = seal().close(&state, &purpose).unwrap();
        prop_assert_eq!(seal().open(&sealed, &purpose), Some(state));
    }

    /// Any change of any character is noticed.
    #[test]
    fn what_was_changed_does_not(state in "[a-z]{0,20}", at in any::<prop::sample::Index>(), by in "[A-Za-z0-9_-]") {
        let purpose = purpose(None, "m", "", &Value::Null);
        let sealed = seal().close(&state, &purpose).unwrap();
        let at = at.index(sealed.len());
        let mut changed = sealed.clone();
        changed.replace_range(at..=at, &by);
        prop_assume!(changed != sealed);
        prop_assert_eq!(seal().open(&changed, &purpose), None);
    }

    #[test]
    fn anything_may_come(sealed in ".{0,80}") {
        prop_assert_eq!(seal().open(&sealed, &purpose(None, "m", "", &Value::Null)), None);
    }
}
