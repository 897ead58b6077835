//! What the operator reads on stderr: the report when a server starts, and single lines.
//!
//! Owns the words and their order. Nothing here can hold a credential: it knows sources by name only.

mod progress;

pub use progress::Progress;

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write as _};

use oasgate_spec::Dialect;
use url::{Host, Url};

use crate::credential::{Credentials, Status};
use crate::description::{Description, LeftOut};
use crate::server::Offer;

/// How many of the skipped operations are shown one by one.
pub const SKIPPED_SHOWN: usize = 5;

/// Bytes of JSON that make a token, by the rule of thumb.
const BYTES_PER_TOKEN: usize = 4;

/// A line to stderr. That nobody reads it is no reason to stop.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// What a server says of itself when it starts: labels and lines.
#[derive(Debug)]
pub struct Report(String);

impl Report {
    /// What there is, without how the upstream is reached: that is not the operator's where oasgate brings its own.
    #[must_use]
    pub fn brief(description: &Description) -> Self {
        let mut report = Self(String::new());
        report.line("oasgate", env!("CARGO_PKG_VERSION"));
        report.line("description", &title(description));
        report.line("tools", &tools(description));
        report
    }

    /// All that is to be known of the description and the way to the upstream.
    #[must_use]
    pub fn of(description: &Description, offer: &Offer) -> Self {
        let mut report = Self::brief(description);
        report.skipped(description);
        report.names(description);
        report.servers(description);
        report.credentials(description, &offer.caller().credentials);
        report.line("listing", &listing(offer.listing()));
        report
    }

    /// Adds a line.
    pub fn line(&mut self, label: &str, text: &str) {
        let _ = writeln!(self.0, "{label:<12} {text}");
    }

    /// Writes it to stderr.
    pub fn print(&self) {
        say(self.0.trim_end());
    }

    fn skipped(&mut self, description: &Description) {
        let skipped: Vec<_> = description.skipped().collect();
        for (index, problem) in skipped.iter().take(SKIPPED_SHOWN).enumerate() {
            self.line(if index == 0 { "skipped" } else { "" }, &problem.to_string());
        }
        if let Some(more @ 1..) = skipped.len().checked_sub(SKIPPED_SHOWN) {
            self.line("", &format!("… and {more} more: run `oasgate check {}`", description.shown));
        }
    }

    fn names(&mut self, description: &Description) {
        let tools = description.catalog.tools();
        let (given, missing): (Vec<_>, Vec<_>) = tools.iter().partition(|tool| tool.operation.id.is_some());
        let ids = given.iter().filter_map(|tool| Some((tool.operation.id.as_ref()?, &tool.name)));
        let (differing, shortened): (Vec<_>, Vec<_>) = ids
            .filter(|(id, name)| id != name)
            .partition(|(id, name)| id.chars().count() <= name.chars().count());
        let mut parts = Vec::new();
        if !shortened.is_empty() {
            parts.push(format!("{} shortened", shortened.len()));
        }
        if !differing.is_empty() {
            parts.push(format!("{} changed to be legal and unique", differing.len()));
        }
        if !missing.is_empty() {
            parts.push(format!("{} made from method and path", missing.len()));
        }
        if !parts.is_empty() {
            self.line("names", &parts.join(", "));
        }
    }

    fn servers(&mut self, description: &Description) {
        let tools = description.catalog.tools();
        let bases: BTreeSet<String> = tools
            .iter()
            .filter_map(|tool| tool.plan.server.as_ref())
            .map(|base| format!("{}{}", base.origin, base.path))
            .collect();
        for (index, base) in bases.iter().enumerate() {
            let open = if is_unprotected(base) {
                " (not encrypted: whoever is on the way can read credentials)"
            } else {
                ""
            };
            self.line(if index == 0 { "base URL" } else { "" }, &format!("{base}{open}"));
        }
        let without = tools.iter().filter(|tool| tool.plan.server.is_none()).count();
        if without > 0 {
            let text = format!("{without} tools have no server to call: say where with --base-url");
            self.line(if bases.is_empty() { "base URL" } else { "" }, &text);
        }
    }

    fn credentials(&mut self, description: &Description, credentials: &Credentials) {
        let tools = description.catalog.tools();
        let mut label = "credentials";
        for (scheme, status) in credentials.status() {
            let uses = tools
                .iter()
                .filter(|tool| tool.plan.security.iter().flatten().any(|used| used.scheme == scheme))
                .count();
            let text = match status {
                Status::Found(source) => format!("found in {source}"),
                Status::Own if uses == 0 => continue,
                Status::Own if !credentials.are_callers() => "found: you are signed in".to_owned(),
                Status::Own => "each caller's own".to_owned(),
                Status::Missing(_) if uses == 0 => continue,
                Status::Missing(variable) => {
                    format!("missing: set {variable}, or say --credential {scheme}=env:NAME")
                }
                Status::Unsupported(_) if uses == 0 => continue,
                Status::Unsupported(reason) => format!("not supported: {reason}"),
            };
            self.line(label, &format!("{scheme} ({uses} of {} tools) {text}", tools.len()));
            label = "";
        }
        if let Some((name, source)) = credentials.universal() {
            let uses = tools.iter().filter(|tool| tool.plan.security.iter().all(Vec::is_empty)).count();
            let asking = format!("{name} ({uses} of {} tools, which ask for nothing)", tools.len());
            self.line(label, &format!("{asking} found in {source}"));
            label = "";
        }
        for (name, source) in credentials.headers() {
            self.line(label, &format!("header {name} (all tools) found in {source}"));
            label = "";
        }
        if label == "credentials" {
            let ways = "--credential bearer=env:NAME or --header NAME=env:NAME adds one";
            self.line(label, &format!("none asked for by the description; {ways}"));
        }
    }
}

/// One line about operations that were lost, if any were.
#[must_use]
pub fn skipped_line(description: &Description) -> Option<String> {
    let skipped = skipped_operations(description);
    (skipped > 0).then(|| {
        let operations = if skipped == 1 { "operation was" } else { "operations were" };
        format!(
            "oasgate: {skipped} {operations} skipped: run `oasgate check {}` for the reasons",
            description.shown
        )
    })
}

fn title(description: &Description) -> String {
    let dialect = match description.dialect {
        Dialect::V2_0 => "Swagger 2.0",
        Dialect::V3_0 => "OpenAPI 3.0",
        Dialect::V3_1 => "OpenAPI 3.1",
        Dialect::V3_2 => "OpenAPI 3.2",
    };
    let title = if description.title.is_empty() { "(no title)" } else { &description.title };
    format!("{title} {} ({dialect}, {})", description.version, description.shown)
}

fn tools(description: &Description) -> String {
    let tools = description.catalog.tools().len();
    let (left_out, why) = match description.left_out {
        LeftOut::NotSelected(count) => (count, "not selected"),
        LeftOut::Hidden(count) => (count, "hidden by the description"),
    };
    let operations = tools + skipped_operations(description) + left_out;
    let why = if left_out == 0 { String::new() } else { format!(", {left_out} {why}") };
    format!("{tools} of {operations} operations{why}")
}

/// Operations that were lost; several problems may have cost the same one.
fn skipped_operations(description: &Description) -> usize {
    let (named, unnamed): (Vec<_>, Vec<_>) =
        description.skipped().partition(|problem| problem.operation.is_some());
    named.iter().filter_map(|problem| problem.operation.as_deref()).collect::<HashSet<_>>().len()
        + unnamed.len()
}

/// Plain http, to another machine.
fn is_unprotected(base: &str) -> bool {
    let Ok(url) = Url::parse(base) else { return false };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && !is_here
}

fn listing(bytes: usize) -> String {
    format!("{} bytes, about {} tokens", grouped(bytes), grouped(bytes / BYTES_PER_TOKEN))
}

/// Digits in groups of three.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
