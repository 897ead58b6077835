//! The way back: from JSON pointers to lines and columns, in one pass over the text.

use std::collections::HashMap;

use granit_parser::{Event, Parser};

use super::yaml;
use crate::{Limits, Position};

/// The pointers looked for, as a tree of their tokens.
pub(super) struct Wanted {
    nodes: Vec<Node>,
    found: Vec<Option<Position>>,
}

#[derive(Default)]
struct Node {
    children: HashMap<String, usize>,
    /// Which pointers end here.
    ends: Vec<usize>,
}

impl Wanted {
    pub(super) fn new(pointers: &[&str]) -> Self {
        let mut wanted = Self { nodes: vec![Node::default()], found: vec![None; pointers.len()] };
        for (index, pointer) in pointers.iter().enumerate() {
            let mut at = 0;
            for token in pointer.split('/').skip(1) {
                at = wanted.child_or_new(at, token.replace("~1", "/").replace("~0", "~"));
            }
            if let Some(node) = wanted.nodes.get_mut(at) {
                node.ends.push(index);
            }
        }
        wanted
    }

    fn child_or_new(&mut self, parent: usize, token: String) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(parent) else { return parent };
        let child = *node.children.entry(token).or_insert(next);
        if child == next {
            self.nodes.push(Node::default());
        }
        child
    }

    /// The node below `parent` for this token.
    fn child(&self, parent: Option<usize>, token: &str) -> Option<usize> {
        self.nodes.get(parent?)?.children.get(token).copied()
    }

    /// Notes where a node stands; the last of several (duplicate keys) counts.
    fn hit(&mut self, node: Option<usize>, position: Position) {
        let Some(node) = node.and_then(|index| self.nodes.get(index)) else { return };
        for index in &node.ends {
            if let Some(slot) = self.found.get_mut(*index) {
                *slot = Some(position);
            }
        }
    }
}

/// A collection being walked.
struct Frame {
    node: Option<usize>,
    /// The index of the next item; `None` in an object.
    index: Option<usize>,
    /// In an object: what the next value is, once its key was read.
    pending: Option<Option<usize>>,
}

/// Positions in a YAML text.
pub(super) fn yaml(text: &str, mut wanted: Wanted) -> Vec<Option<Position>> {
    let mut frames: Vec<Frame> = Vec::new();
    for next in Parser::new_from_str_with_options(text, yaml::options(&Limits::default())) {
        let Ok((event, span)) = next else { break };
        let position = yaml::position(span.start);
        let index = match &event {
            Event::SequenceEnd | Event::MappingEnd => {
                frames.pop();
                continue;
            }
            Event::DocumentEnd => break,
            Event::SequenceStart(..) => Some(0),
            Event::MappingStart(..) | Event::Scalar(..) | Event::Alias(_) | Event::UnresolvedAlias(_) => None,
            _ => continue,
        };
        let node = enter(&mut frames, &mut wanted, &event, position);
        if let (Event::SequenceStart(..) | Event::MappingStart(..), Some(node)) = (&event, node) {
            frames.push(Frame { node, index, pending: None });
        }
    }
    wanted.found
}

/// Tells which node an event stands for; `None` for a key. A member stands where its key stands.
fn enter(
    frames: &mut [Frame],
    wanted: &mut Wanted,
    event: &Event<'_>,
    position: Position,
) -> Option<Option<usize>> {
    let Some(frame) = frames.last_mut() else {
        wanted.hit(Some(0), position);
        return Some(Some(0));
    };
    if let Some(index) = &mut frame.index {
        let node = wanted.child(frame.node, &index.to_string());
        *index += 1;
        wanted.hit(node, position);
        return Some(node);
    }
    if let Some(node) = frame.pending.take() {
        Some(node)
    } else {
        let key = event.scalar().map_or("", |(text, _)| text);
        let node = wanted.child(frame.node, key);
        wanted.hit(node, position);
        frame.pending = Some(node);
        // A collection as a key is walked, but nothing in it is looked for.
        event.scalar().is_none().then_some(None)
    }
}

/// Positions in a JSON text that is known to be well-formed.
pub(super) fn json(text: &str, mut wanted: Wanted) -> Vec<Option<Position>> {
    let mut cursor = Json { bytes: text.as_bytes(), at: 0, line: 1, line_start: 0, text };
    let position = cursor.position();
    wanted.hit(Some(0), position);
    cursor.value(Some(0), &mut wanted);
    wanted.found
}

struct Json<'t> {
    bytes: &'t [u8],
    at: usize,
    line: usize,
    line_start: usize,
    text: &'t str,
}

impl Json<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn advance(&mut self) {
        if self.peek() == b'\n' {
            self.line += 1;
            self.line_start = self.at + 1;
        }
        self.at += 1;
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t' | b',' | b':') {
            self.advance();
        }
    }

    /// Here, the white space before it passed over.
    fn position(&mut self) -> Position {
        self.space();
        let column = self.text.get(self.line_start..self.at).map_or(0, |line| line.chars().count()) + 1;
        Position { line: self.line, column }
    }

    fn value(&mut self, node: Option<usize>, wanted: &mut Wanted) {
        self.space();
        match (node, self.peek()) {
            (Some(_), b'{') => self.members(node, wanted),
            (Some(_), b'[') => self.items(node, wanted),
            _ => self.skip(),
        }
    }

    fn members(&mut self, node: Option<usize>, wanted: &mut Wanted) {
        self.advance();
        loop {
            self.space();
            if self.peek() != b'"' {
                return self.advance();
            }
            let (line, start) = ((self.line, self.line_start), self.at);
            self.string();
            let key =
                self.text.get(start..self.at).and_then(|text| serde_json::from_str::<String>(text).ok());
            let child = key.and_then(|key| wanted.child(node, &key));
            if child.is_some() {
                let column = self.text.get(line.1..start).map_or(0, |line| line.chars().count()) + 1;
                wanted.hit(child, Position { line: line.0, column });
            }
            self.value(child, wanted);
        }
    }

    fn items(&mut self, node: Option<usize>, wanted: &mut Wanted) {
        self.advance();
        for index in 0.. {
            self.space();
            if matches!(self.peek(), b']' | 0) {
                return self.advance();
            }
            let child = wanted.child(node, &index.to_string());
            if child.is_some() {
                let position = self.position();
                wanted.hit(child, position);
            }
            self.value(child, wanted);
        }
    }

    fn string(&mut self) {
        self.advance();
        while !matches!(self.peek(), b'"' | 0) {
            if self.peek() == b'\\' {
                self.advance();
            }
            self.advance();
        }
        self.advance();
    }

    /// Passes over one value.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                0 => return,
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.advance();
                }
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.advance();
                }
                b',' if depth == 0 => return,
                _ => self.advance(),
            }
            if depth == 0 && matches!(self.peek(), b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                return;
            }
        }
    }
}
