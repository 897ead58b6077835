//! Patterns of both grammars, and what is none.

use proptest::prelude::*;

use super::mend;

/// A pattern, and how it is written in the end.
const ROWS: &[(&str, Option<&str>)] = &[
    (r"^[A-Z]{2}-\d+$", Some(r"^[A-Z]{2}-\d+$")),
    (r"^(?!admin)(?<=x)\p{L}+\u{1F600}$", Some(r"^(?!admin)(?<=x)\p{L}+\u{1F600}$")),
    // Backslashes that nothing asks for.
    (r"^[\w\-\_\'\@]+\@\-\_$", Some(r"^[\w\-_'@]+@-_$")),
    (r"\/\.\^", Some(r"\/\.\^")),
    // Braces and brackets that are themselves.
    ("^{id}$", Some(r"^\{id\}$")),
    ("a{,3}b{2,}c{2,3}", Some(r"a\{,3\}b{2,}c{2,3}")),
    ("x]", Some(r"x\]")),
    ("[{}(]", Some("[{}(]")),
    // Hyphens beside a set.
    (r"[\w-.]", Some(r"[\w\-.]")),
    (r"[.-\w]", Some(r"[.\-\w]")),
    (r"[\w-a-z]", Some(r"[\w\-a\-z]")),
    (r"[\w-]", Some(r"[\w-]")),
    (r"[-\w]", Some(r"[-\w]")),
    (r"[^\s-_]", Some(r"[^\s\-_]")),
    ("[a-z-9]", Some("[a-z-9]")),
    ("[+--]", Some("[+--]")),
    // None at all, or of another language.
    ("[a-z", None),
    ("*.txt", None),
    ("(", None),
    ("a)", None),
    ("a**", None),
    ("[z-a]", None),
    (r"\", None),
    (r"\Aa\Z", None),
    ("(?P<year>a)", None),
    ("{2}", None),
    (r"\u{110000}", None),
];

#[test]
fn what_every_engine_reads() {
    for (written, expected) in ROWS {
        assert_eq!(mend(written).as_deref(), *expected, "{written}");
    }
}

/// Pieces that both grammars read alike.
const PIECES: [&str; 15] = [
    "a", "é", ".", r"\d", r"\.", r"\/", r"\x41", r"\u0041", "[^a-z]", r"[\w.]", r"[\-a]", "(a|b)", "(?:c)",
    "(?=d)", r"\p{Lu}",
];

proptest! {
    /// What is strict already stays as it is.
    #[test]
    fn what_is_right_stays(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12)) {
        let pattern: String = pieces.concat();
        prop_assert_eq!(mend(&pattern), Some(pattern));
    }

    /// No text makes it panic, and what comes out is what comes out of that.
    #[test]
    fn mending_twice_is_mending_once(pattern in r"[\[\]{}()\\wdup,0-9a^$.*+?|é-]{0,24}") {
        if let Some(once) = mend(&pattern) {
            prop_assert_eq!(mend(&once), Some(once));
        }
    }
}
