//! From pointers to lines and columns, row by row.

use crate::text::locate;

/// `line:column` of a pointer, or nothing.
fn place(text: &str, pointer: &str) -> String {
    let found = locate(text.as_bytes().to_vec(), &[pointer]);
    found[0].map_or_else(String::new, |at| format!("{}:{}", at.line, at.column))
}

#[test]
fn members_stand_where_their_keys_stand_and_items_where_they_begin() {
    let json = "{\n  \"a\": [\n    1,\n    {\"b\": 2}\n  ],\n  \"c/d~e\": {\"\": true}\n}";
    let yaml = "a:\n  - 1\n  - b: 2\n    c:\n      - x\n'c/d~e':\n  '': true\n? k\n: v\n";
    let rows = [
        (json, "", "1:1"),
        (json, "/a", "2:3"),
        (json, "/a/0", "3:5"),
        (json, "/a/1", "4:5"),
        (json, "/a/1/b", "4:6"),
        (json, "/c~1d~0e", "6:3"),
        (json, "/c~1d~0e/", "6:13"),
        (json, "/a/2", ""),
        (json, "/b", ""),
        (json, "/a/x", ""),
        (json, "a", ""),
        (yaml, "", "1:1"),
        (yaml, "/a", "1:1"),
        (yaml, "/a/0", "2:5"),
        (yaml, "/a/1", "3:5"),
        (yaml, "/a/1/b", "3:5"),
        (yaml, "/a/1/c", "4:5"),
        (yaml, "/a/1/c/0", "5:9"),
        (yaml, "/c~1d~0e", "6:1"),
        (yaml, "/c~1d~0e/", "7:3"),
        (yaml, "/k", "8:3"),
        (yaml, "/nowhere", ""),
    ];
    for (text, pointer, expected) in rows {
        assert_eq!(place(text, pointer), expected, "{pointer} in {text}");
    }
}

#[test]
fn columns_count_characters_and_lines_end_in_every_way() {
    let rows = [
        ("{\"ä\": 1, \"b\": 2}", "/b", "1:10"),
        ("{\"😀\": 1, \"b\": 2}", "/b", "1:10"),
        ("é: {b: 1}", "/é/b", "1:5"),
        ("\u{FEFF}{\"a\": 1}", "/a", "1:2"),
        ("{\r\n\"a\": 1,\r\"b\": 2}", "/a", "2:1"),
        ("{\r\n\"a\": 1,\r\"b\": 2}", "/b", "3:1"),
        ("a: 1\r\nb: 2\r\n", "/b", "2:1"),
        // Escapes in a key are what they mean, tabs are one character.
        ("{\"\\u0061\": 1}", "/a", "1:2"),
        ("{\t\t\"a\": 1}", "/a", "1:4"),
        // Of a repeated key the last counts.
        ("{\"a\": 1,\n\"a\": 2}", "/a", "2:1"),
        ("a: 1\nb: 2\na: 3", "/a", "3:1"),
        // An alias stands where it is written, what is in it where that is.
        ("a: &x {k: 1}\nb: *x", "/b", "2:1"),
        ("a: &x {k: 1}\nb: *x", "/b/k", "1:8"),
        ("a: &x {k: 1}\nb: {<<: *x}", "/b/k", "1:8"),
        // Comments and commas too many move nothing.
        ("{ // é\n \"a\": [1, /* 2 */ 3,]}", "/a/1", "2:19"),
        ("", "", "1:1"),
        ("# nothing", "/a", ""),
        ("not: [readable", "/not", ""),
    ];
    for (text, pointer, expected) in rows {
        assert_eq!(place(text, pointer), expected, "{pointer} in {text:?}");
    }
}

#[test]
fn many_are_found_in_one_long_line() {
    let members: Vec<String> = (0..50_000).map(|nth| format!("\"k{nth}\":\"é\"")).collect();
    let text = format!("{{{}}}", members.join(","));
    let pointers: Vec<String> = (0..50_000).rev().map(|nth| format!("/k{nth}")).collect();
    let pointers: Vec<&str> = pointers.iter().map(String::as_str).collect();
    let found = locate(text.into_bytes(), &pointers);
    let expected: Vec<usize> = members
        .iter()
        .scan(2, |column, member| {
            let here = *column;
            *column += member.chars().count() + 1;
            Some(here)
        })
        .collect();
    let found: Vec<usize> = found.into_iter().rev().map(|at| at.unwrap().column).collect();
    assert_eq!(found, expected);
}
