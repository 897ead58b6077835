//! Regular expressions, which JSON Schema takes from ECMA-262 (2020-12, 6.4), in the one form that every engine reads.
//!
//! ECMA-262 has two grammars. The old one (Annex B.1.2) takes a needless backslash, a brace that counts nothing and a
//! range that is none; the one with the flag `u`, which JSON Schema recommends and validators use, takes none of them.
//! What the old one allows is written as the new one wants it, meaning the same. Nothing is matched here.

#[cfg(test)]
mod tests;

use std::iter::Peekable;
use std::str::Chars;

use serde_json::Value;

use super::{Kind, brief};
use crate::Severity;
use crate::read::{Reader, Rule};
use crate::store::Node;

const PATTERN_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "pattern-invalid",
    fix: "write a regular expression of ECMA-262, as JSON Schema has it",
};

impl<'d> Reader<'d> {
    /// `pattern`; an empty one says nothing.
    pub(super) fn pattern(&mut self, node: Node<'d>) -> Option<Value> {
        let written = self.leaf(Kind::Text, "pattern", node, None)?;
        self.mended_pattern(node, written.as_str().filter(|pattern| !pattern.is_empty())?).map(Value::String)
    }

    /// A pattern in the form that every engine reads, or word of why it is not held.
    pub(super) fn mended_pattern(&mut self, node: Node<'d>, pattern: &str) -> Option<String> {
        let mended = mend(pattern);
        if mended.is_none() {
            let shown = brief(&pattern.into());
            let message = format!("{shown} is no regular expression of ECMA-262; it is left out");
            self.note(node, &PATTERN_INVALID, message);
        }
        mended
    }
}

/// The pattern as the grammar with the flag `u` has it; `None` if it is no regular expression of ECMA-262.
pub(super) fn mend(pattern: &str) -> Option<String> {
    let mut out = Scanner { rest: pattern.chars().peekable(), out: String::with_capacity(pattern.len()) };
    while let Some(c) = out.rest.next() {
        match c {
            '[' => out.class(),
            '{' => out.brace(),
            '}' | ']' => out.escaped(c),
            '\\' => {
                out.escape(|c| "^$\\.*+?()[]{}|/".contains(c));
            }
            c => out.out.push(c),
        }
    }
    jsonschema_regex::is_valid_ecma_regex(&out.out).then_some(out.out)
}

struct Scanner<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
}

/// What stands before a place in a class, as far as a hyphen there is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing that a range could begin with.
    Nothing,
    Character,
    /// `\w` and the like: no range begins with it, but the old grammar lets it look so.
    Set,
    /// A hyphen that makes a range of characters.
    Range,
    /// A hyphen that only looks so.
    NoRange,
    /// What only looked like a range: a hyphen here is itself, and must not become a range by what was mended.
    EndOfNoRange,
}

impl Scanner<'_> {
    fn escaped(&mut self, c: char) {
        self.out.push('\\');
        self.out.push(c);
    }

    /// What follows a backslash, which stays where the grammar demands it. True for a set of characters.
    fn escape(&mut self, is_demanded: impl Fn(char) -> bool) -> bool {
        let Some(c) = self.rest.next() else {
            self.out.push('\\');
            return false;
        };
        if c.is_ascii_alphanumeric() || is_demanded(c) {
            self.escaped(c);
        } else {
            self.out.push(c);
        }
        if matches!(c, 'u' | 'p' | 'P') && self.rest.peek() == Some(&'{') {
            let mut is_open = true;
            while let Some(c) = self.rest.next_if(|_| is_open) {
                self.out.push(c);
                is_open = c != '}';
            }
        }
        matches!(c, 'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'p' | 'P')
    }

    /// A class, behind its bracket.
    fn class(&mut self) {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut before = Before::Nothing;
        while let Some(c) = self.rest.next() {
            let is_set = match c {
                ']' => return self.out.push(']'),
                '-' => {
                    before = self.hyphen(before);
                    continue;
                }
                '\\' => self.escape(|c| "^$\\.*+?()[]{}|/-".contains(c)),
                c => {
                    self.out.push(c);
                    false
                }
            };
            before = match before {
                Before::Range => Before::Nothing,
                Before::NoRange => Before::EndOfNoRange,
                _ if is_set => Before::Set,
                _ => Before::Character,
            };
        }
    }

    /// A hyphen in a class.
    fn hyphen(&mut self, before: Before) -> Before {
        let is_last = self.rest.peek() == Some(&']');
        match before {
            _ if is_last => self.out.push('-'),
            Before::Character if !self.is_set_next() => {
                self.out.push('-');
                return Before::Range;
            }
            Before::Character | Before::Set => {
                self.escaped('-');
                return Before::NoRange;
            }
            Before::EndOfNoRange => self.escaped('-'),
            Before::Nothing => self.out.push('-'),
            // The hyphen is where the range ends.
            Before::Range => {
                self.out.push('-');
                return Before::Nothing;
            }
            Before::NoRange => {
                self.escaped('-');
                return Before::EndOfNoRange;
            }
        }
        Before::Character
    }

    fn is_set_next(&self) -> bool {
        let mut ahead = self.rest.clone();
        ahead.next() == Some('\\') && ahead.next().is_some_and(|c| "dDsSwWpP".contains(c))
    }

    /// A brace outside of a class: it counts (`{2}`, `{2,}`, `{2,3}`), or is itself.
    fn brace(&mut self) {
        let mut ahead = self.rest.clone();
        let mut inner = String::new();
        while let Some(c) = ahead.next_if(|c| c.is_ascii_digit() || *c == ',') {
            inner.push(c);
        }
        let (least, most) = inner.split_once(',').unwrap_or((&inner, ""));
        if ahead.next() == Some('}') && !least.is_empty() && !most.contains(',') {
            self.out.push('{');
            self.out.push_str(&inner);
            self.out.push('}');
            self.rest = ahead;
        } else {
            self.escaped('{');
        }
    }
}
