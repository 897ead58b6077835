//! Problems for people: by severity, each with the line it stands in.

use std::collections::HashMap;
use std::io::{self, Write};

use oasgate_spec::{Position, Problem, Severity};

use super::excerpt::{Excerpts, still};
use super::{Checked, Tokens};

/// How many problems of one rule are shown, unless they cost an operation.
const SHOWN: usize = 20;

/// How many tools are named with what they cost.
const LARGEST: usize = 10;

/// How it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// Text alone.
    Plain,
    /// With the colours of a terminal (ECMA-48, 8.3.117).
    Coloured,
}

/// Writes the problems, what tools cost if that is known, and the sum.
///
/// # Errors
/// Those of writing.
pub fn write(checked: &Checked, looks: Looks, out: &mut impl Write) -> io::Result<()> {
    let mut excerpts = Excerpts::new(&checked.texts);
    for group in checked.problems.chunk_by(|a, b| a.severity == b.severity) {
        let severity = group.first().map_or(Severity::Note, |problem| problem.severity);
        let style = Style::of(severity);
        writeln!(out, "{}\n", looks.paint(style, &counted(group.len(), severity)))?;
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for problem in group {
            let times = seen.entry(problem.rule).or_default();
            *times += 1;
            if *times <= SHOWN || severity >= Severity::Error {
                one(problem, &mut excerpts, looks, out)?;
            }
        }
        let mut hidden: Vec<(&str, usize)> = seen
            .into_iter()
            .filter(|(_, times)| *times > SHOWN && severity < Severity::Error)
            .map(|(rule, times)| (rule, times - SHOWN))
            .collect();
        hidden.sort_unstable();
        for (rule, times) in hidden {
            writeln!(out, "… and {times} more of {rule}: --format json shows all\n")?;
        }
    }
    if let Some(tokens) = &checked.tokens {
        costs(tokens, looks, out)?;
    }
    sum(checked, looks, out)
}

/// One problem: what is wrong, where, the line, and how to mend it.
fn one(problem: &Problem, excerpts: &mut Excerpts<'_>, looks: Looks, out: &mut impl Write) -> io::Result<()> {
    let style = Style::of(problem.severity);
    let kind = looks.paint(style, &format!("{}[{}]", problem.severity, problem.rule));
    let operation = problem.operation.as_ref().map(|operation| format!("{operation}: ")).unwrap_or_default();
    writeln!(out, "{kind}: {}", plain(&format!("{operation}{}", problem.message)))?;
    let bar = looks.paint(Style::Frame, "|");
    let (place, line) = match problem.position {
        Some(Position { line, column }) => (format!(":{line}:{column}"), line.to_string()),
        None => (format!("#{}", problem.location.pointer), String::new()),
    };
    let margin = " ".repeat(line.len());
    let document = plain(&problem.location.document);
    writeln!(out, "{margin}{} {document}{}", looks.paint(Style::Frame, "-->"), plain(&place))?;
    if let Some(excerpt) = excerpts.of(problem) {
        let (number, caret) = (looks.paint(Style::Frame, &line), looks.paint(style, "^"));
        writeln!(out, "{margin} {bar}\n{number} {bar} {}", excerpt.text.trim_end())?;
        writeln!(out, "{margin} {bar} {}{caret}", " ".repeat(excerpt.before))?;
    }
    if !problem.fix.is_empty() {
        writeln!(out, "{margin} {} {}", looks.paint(Style::Frame, "= fix:"), plain(&problem.fix))?;
    }
    writeln!(out)
}

fn costs(tokens: &Tokens, looks: Looks, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", looks.paint(Style::Strong, "tokens (estimated: a token for four bytes)"))?;
    writeln!(out, "{:>9}  all tools", tokens.total())?;
    for (name, count) in tokens.by_size().take(LARGEST) {
        writeln!(out, "{count:>9}  {name}")?;
    }
    writeln!(out)
}

fn sum(checked: &Checked, looks: Looks, out: &mut impl Write) -> io::Result<()> {
    let count = |severity| checked.problems.iter().filter(|problem| problem.severity == severity).count();
    let found: Vec<String> = [Severity::Fatal, Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| looks.paint(Style::of(severity), &counted(count, severity)))
        .collect();
    let found = if found.is_empty() { "no problems".to_owned() } else { found.join(", ") };
    let tools = if checked.tools == 1 { "tool" } else { "tools" };
    writeln!(out, "{}: {} {tools}, {found}", plain(&checked.shown), checked.tools)
}

fn counted(count: usize, severity: Severity) -> String {
    // "fatal" is no noun.
    let noun = if severity == Severity::Fatal { "fatal error".to_owned() } else { severity.to_string() };
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Text from a description, without what would move or colour anything.
fn plain(text: &str) -> String {
    text.chars().map(still).collect()
}

#[derive(Debug, Clone, Copy)]
enum Style {
    Fault,
    Warning,
    Note,
    Frame,
    Strong,
}

impl Style {
    const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Fatal | Severity::Error => Self::Fault,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Fault => "1;31",
            Self::Warning => "1;33",
            Self::Note => "1;36",
            Self::Frame => "1;34",
            Self::Strong => "1",
        }
    }
}

impl Looks {
    fn paint(self, style: Style, text: &str) -> String {
        match self {
            Self::Coloured => format!("\u{1b}[{}m{text}\u{1b}[0m", style.code()),
            Self::Plain => text.to_owned(),
        }
    }
}
