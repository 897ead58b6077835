use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::read;

fn schema() -> Box<RawValue> {
    let schema = json!({
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "number": {"type": "integer"},
            "flag": {"type": ["boolean", "null"]},
            "list": {"type": "array"},
            "object": {"type": "object"},
            "either": {"type": ["integer", "string"]},
            "composed": {"anyOf": [{"type": "integer"}, {"type": "array"}]},
            "mixed": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
            "all": {"allOf": [{"description": "x"}, {"type": "number"}]},
            "chosen": {"enum": [1, 2]},
            "named": {"$ref": "#/$defs/Id"},
            "any": {},
        },
        "$defs": {"Id": {"type": "integer"}, "Loop": {"$ref": "#/$defs/Loop"}},
    });
    RawValue::from_string(schema.to_string()).unwrap()
}

fn read_pairs(whole: Option<&str>, pairs: &[&str]) -> Result<Value, String> {
    let pairs: Vec<String> = pairs.iter().map(|&pair| pair.to_owned()).collect();
    read(&schema(), whole, &pairs).map(|raw| serde_json::from_str(raw.get()).unwrap())
}

#[test]
fn pairs_become_what_the_schema_takes() {
    let rows = [
        ("text=5", json!({"text": "5"})),
        ("text=", json!({"text": ""})),
        ("text=a=b", json!({"text": "a=b"})),
        ("number=5", json!({"number": 5})),
        ("number=12345678901234567890", json!({"number": 12_345_678_901_234_567_890_u64})),
        ("number=five", json!({"number": "five"})),
        ("flag=true", json!({"flag": true})),
        ("flag=null", json!({"flag": null})),
        ("list=[1,\"a\"]", json!({"list": [1, "a"]})),
        ("object={\"a\":1}", json!({"object": {"a": 1}})),
        ("either=5", json!({"either": "5"})),
        ("composed=5", json!({"composed": 5})),
        ("mixed=5", json!({"mixed": "5"})),
        ("all=1.5", json!({"all": 1.5})),
        ("chosen=2", json!({"chosen": 2})),
        ("named=7", json!({"named": 7})),
        ("any=7", json!({"any": "7"})),
        ("unknown=7", json!({"unknown": "7"})),
        ("text:=5", json!({"text": 5})),
        ("any:={\"a\":[true]}", json!({"any": {"a": [true]}})),
    ];
    for (pair, expected) in rows {
        assert_eq!(read_pairs(None, &[pair]), Ok(expected), "{pair}");
    }
}

#[test]
fn pairs_add_to_the_whole_object() {
    let read = read_pairs(Some(r#"{"text": "a", "number": 1}"#), &["number=2", "flag=false"]);
    assert_eq!(read, Ok(json!({"text": "a", "number": 2, "flag": false})));
}

#[test]
fn what_is_no_argument_is_refused() {
    let rows: [(Option<&str>, &[&str], &str); 6] = [
        (None, &["text"], "`text` is no argument"),
        (None, &["=5"], "`=5` is no argument"),
        (None, &[":=5"], "`:=5` is no argument"),
        (None, &["text:=five"], "the value of `text` is not JSON"),
        (Some("[]"), &[], "--args is not a JSON object"),
        (Some("{"), &[], "--args is not a JSON object"),
    ];
    for (whole, pairs, expected) in rows {
        let error = read_pairs(whole, pairs).unwrap_err();
        assert!(error.starts_with(expected), "{pairs:?}: {error}");
    }
}
