//! What holds for every text: reading never panics, tells back what was written, and finds where it was written.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::read;
use crate::text::{locate, parse};
use crate::{Limits, Position};

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(bytes.clone(), &Limits::default());
        locate(bytes, &["", "/a", "/0/b"]);
    }

    #[test]
    fn any_marks_of_the_syntax_are_read_or_refused(text in "[\\[\\]{}:,?&*!|>'\"%@`#\\-\\\\/<a0.\n \t~é]{0,80}") {
        let _ = parse(text.clone().into_bytes(), &Limits::default());
        locate(text.into_bytes(), &["", "/a", "/0/b"]);
    }

    #[test]
    fn json_is_what_serde_json_says(value in values()) {
        let compact = value.to_string();
        prop_assert_eq!(&read(compact.as_bytes(), &Limits::default()).unwrap(), &value);
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(read(pretty.as_bytes(), &Limits::default()).unwrap(), value);
    }

    #[test]
    fn json_that_serde_json_takes_is_taken_alike(text in "[\\[\\]{}:,\"\\\\ua0-9.eE+\\-truefalsn /\n]{0,24}") {
        if let Ok(value) = serde_json::from_str::<Value>(&text) && (value.is_object() || value.is_array()) {
            prop_assert_eq!(read(text.as_bytes(), &Limits::default()).unwrap(), value);
        }
    }

    #[test]
    fn truncated_json_is_told_at_its_end_or_at_the_word_that_was_cut(value in values(), cut in 0.0..1.0_f64) {
        let text = value.to_string();
        let end = (0..=text.len()).rev().find(|end| text.is_char_boundary(*end) && *end as f64 <= cut * text.len() as f64);
        let text = &text[..end.unwrap_or(0)];
        if text.starts_with(['{', '[']) && let Err(error) = read(text.as_bytes(), &Limits::default()) {
            let at = error.position.unwrap();
            prop_assert_eq!(at.line, 1);
            let left: String = text.chars().skip(at.column - 1).collect();
            prop_assert!(left.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)), "{} {}", left, error.message);
            prop_assert!(at.column <= text.chars().count() + 1);
        }
    }

    #[test]
    fn yaml_is_what_was_written((value, style) in (values(), any::<u64>())) {
        let mut writer = Writer::new(style);
        writer.yaml(&value, 0);
        prop_assert_eq!(read(writer.text.as_bytes(), &Limits::default()).unwrap(), value, "{}", writer.text);
    }

    #[test]
    fn places_in_json_are_where_it_was_written((value, style) in (values(), any::<u64>())) {
        let mut writer = Writer::new(style);
        writer.json(&value, "");
        check_places(&writer)?;
    }

    #[test]
    fn places_in_yaml_are_where_it_was_written((value, style) in (values(), any::<u64>())) {
        let mut writer = Writer::new(style);
        writer.yaml(&value, 0);
        check_places(&writer)?;
    }
}

fn check_places(writer: &Writer) -> Result<(), TestCaseError> {
    let pointers: Vec<&str> = writer.places.iter().map(|(pointer, _)| pointer.as_str()).collect();
    let found = locate(writer.text.clone().into_bytes(), &pointers);
    for ((pointer, place), found) in writer.places.iter().zip(found) {
        prop_assert_eq!(found, Some(*place), "{} in {}", pointer, writer.text);
    }
    Ok(())
}

fn values() -> impl Strategy<Value = Value> {
    let numbers = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("JSON has no infinity", |n| n.is_finite()).prop_map(|n| n.to_string()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        numbers.prop_map(|text| Value::Number(text.parse().unwrap())),
        words().prop_map(Value::String),
    ];
    let tree = leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec((words(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    });
    // A document is an object or an array.
    tree.prop_map(
        |value| if value.is_object() || value.is_array() { value } else { Value::Array(vec![value]) },
    )
}

/// Words that trip readers, and any others.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "", "a", "b", "true", "null", "~", "yes", "0108", "1e3", ".5", "0x1F", "-", "<<", "a: b", "a #b",
            "*a", "&a", "a/b", "~0", "%25", "[a]", "{a}", "'", "\"", "\\", "é", "😀", "\u{2028}", " a ",
            "a\nb", "\t", "---", "...",
        ])
        .prop_map(str::to_owned),
        ".{0,8}",
        any::<String>(),
    ]
}

/// Writes a value, noting where it writes what: the count that `locate` is held against.
struct Writer {
    text: String,
    line: usize,
    column: usize,
    places: Vec<(String, Position)>,
    /// Bits that decide on white space and quotes.
    style: u64,
    pointer: String,
}

impl Writer {
    fn new(style: u64) -> Self {
        Self { text: String::new(), line: 1, column: 1, places: Vec::new(), style, pointer: String::new() }
    }

    fn choose(&mut self, among: u64) -> u64 {
        self.style =
            self.style.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.style >> 33) % among
    }

    fn put(&mut self, text: &str) {
        for c in text.chars() {
            self.text.push(c);
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
    }

    fn note(&mut self, pointer: &str) {
        self.places.push((pointer.to_owned(), Position { line: self.line, column: self.column }));
    }

    fn space(&mut self) {
        let space =
            ["", " ", "\n", "\n  ", "\t", "/* é */", "// 😀\n"][usize::try_from(self.choose(7)).unwrap()];
        // A comment may stand first, but then the text does not begin as JSON does.
        if !self.text.is_empty() {
            self.put(space);
        }
    }

    fn json(&mut self, value: &Value, pointer: &str) {
        match value {
            Value::Object(members) => {
                if pointer.is_empty() {
                    self.note("");
                }
                self.put("{");
                for (nth, (key, value)) in members.iter().enumerate() {
                    self.put(if nth > 0 { "," } else { "" });
                    self.space();
                    let pointer = format!("{pointer}/{}", token(key));
                    self.note(&pointer);
                    self.put(&quoted(key));
                    self.space();
                    self.put(":");
                    self.space();
                    self.json(value, &pointer);
                    self.space();
                }
                self.put("}");
            }
            Value::Array(items) => {
                if pointer.is_empty() {
                    self.note("");
                }
                self.put("[");
                for (nth, value) in items.iter().enumerate() {
                    self.put(if nth > 0 { "," } else { "" });
                    self.space();
                    let pointer = format!("{pointer}/{nth}");
                    self.note(&pointer);
                    self.json(value, &pointer);
                    self.space();
                }
                self.put("]");
            }
            Value::String(text) => self.put(&quoted(text)),
            other => self.put(&other.to_string()),
        }
    }

    /// Block style, at the beginning of a line of this indentation.
    fn yaml(&mut self, value: &Value, indent: usize) {
        let pointer = self.pointer.clone();
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (nth, (key, value)) in members.iter().enumerate() {
                    self.put(&" ".repeat(indent));
                    if nth == 0 && pointer.is_empty() {
                        self.note("");
                    }
                    self.pointer = format!("{pointer}/{}", token(key));
                    self.note(&self.pointer.clone());
                    let key = self.scalar(key);
                    self.put(&key);
                    self.put(":");
                    self.nested(value, indent);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for (nth, value) in items.iter().enumerate() {
                    self.put(&" ".repeat(indent));
                    if nth == 0 && pointer.is_empty() {
                        self.note("");
                    }
                    self.put("-");
                    self.pointer = format!("{pointer}/{nth}");
                    match value {
                        Value::Object(members) if !members.is_empty() => {
                            self.put("\n");
                            let place = Position { line: self.line, column: indent + 3 };
                            self.places.push((self.pointer.clone(), place));
                            self.yaml(value, indent + 2);
                        }
                        Value::Array(items) if !items.is_empty() => {
                            self.put("\n");
                            let place = Position { line: self.line, column: indent + 3 };
                            self.places.push((self.pointer.clone(), place));
                            self.yaml(value, indent + 2);
                        }
                        _ => {
                            self.put(" ");
                            self.note(&self.pointer.clone());
                            self.leaf(value);
                        }
                    }
                }
            }
            other => {
                self.note("");
                self.leaf(other);
            }
        }
        self.pointer = pointer;
    }

    fn nested(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                self.put("\n");
                self.yaml(value, indent + 2);
            }
            Value::Array(items) if !items.is_empty() => {
                self.put("\n");
                self.yaml(value, indent);
            }
            _ => {
                self.put(" ");
                self.leaf(value);
            }
        }
    }

    fn leaf(&mut self, value: &Value) {
        let text = match value {
            Value::String(text) => self.scalar(text),
            other => other.to_string(),
        };
        self.put(&text);
        let end = if self.choose(4) == 0 { " # é\n" } else { "\n" };
        self.put(end);
    }

    /// A string, plain or in single quotes where that is possible.
    fn scalar(&mut self, text: &str) -> String {
        let is_word = text.chars().all(|c| c.is_ascii_lowercase()) && text.len() > 5;
        let is_line =
            text.chars().all(|c| !c.is_control() && !"\u{FEFF}\u{FFFE}\u{FFFF}\u{2028}\u{2029}".contains(c));
        match self.choose(3) {
            0 if is_word => text.to_owned(),
            1 if is_line => format!("'{}'", text.replace('\'', "''")),
            _ => quoted(text),
        }
    }
}

/// As JSON has it, with escapes for what YAML does not allow to stand there.
fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap();
    let escape =
        |c: char| c.is_control() || ('\u{FEFF}'..='\u{FEFF}').contains(&c) || "\u{FFFE}\u{FFFF}".contains(c);
    json.chars().map(|c| if escape(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

fn token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
