//! Plain scalars of YAML, row by row (YAML 1.2.2, 10.3.2).

use serde_json::Value;

use super::value;

/// A number as it is written: `1.10` is not `1.1`.
pub(super) fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn assert_reads(written: &str, expected: &Value) {
    let read = value(&format!("a: {written}"));
    assert_eq!(read["a"], *expected, "{written}");
    assert_eq!(read["a"].to_string(), expected.to_string(), "{written}");
}

#[test]
fn null_and_truth_values_have_three_spellings_each() {
    for written in ["", "~", "null", "Null", "NULL"] {
        assert_reads(written, &Value::Null);
    }
    for written in ["true", "True", "TRUE"] {
        assert_reads(written, &true.into());
    }
    for written in ["false", "False", "FALSE"] {
        assert_reads(written, &false.into());
    }
}

#[test]
fn numbers_stay_as_exact_as_they_are_written() {
    let rows = [
        ("0", "0"),
        ("-0", "-0"),
        ("42", "42"),
        ("+42", "42"),
        ("-42", "-42"),
        ("1.10", "1.10"),
        ("0.1", "0.1"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("+.5", "0.5"),
        ("1.", "1"),
        ("1.e2", "1e2"),
        ("1e3", "1e3"),
        ("1E+3", "1E+3"),
        ("1.5e-3", "1.5e-3"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("-98765432109876543210987", "-98765432109876543210987"),
        ("3.14159265358979323846264338327950288", "3.14159265358979323846264338327950288"),
        ("0o17", "15"),
        ("0x1F", "31"),
        ("0xffffffffffffffff", "18446744073709551615"),
    ];
    for (written, expected) in rows {
        assert_reads(written, &number(expected));
    }
}

#[test]
fn everything_else_is_text() {
    // What YAML 1.1 took for truth values, numbers, dates and times; what a number could not tell back; what is none.
    let rows = [
        "nULL",
        "tRUE",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "N",
        "0108",
        "007",
        "-01",
        "00.5",
        "1_000",
        "0x",
        "0x-1",
        "0x+1",
        "0o8",
        "0b11",
        ".",
        "+",
        "e3",
        "1e",
        "1e+",
        "1.2.3",
        "+-1",
        "-+1",
        "--1",
        ".inf",
        "-.inf",
        ".nan",
        "NaN",
        "2026-11-20",
        "2026-11-20T10:00:00Z",
        "12:30:45",
        "190:20:30",
        "=",
        "٣",
        "1 2",
        "1,000",
        "$1",
    ];
    for written in rows {
        assert_reads(written, &written.into());
    }
}
