//! What a server declares, in both eras: it follows from what its handler has. Knows no other method.

use crate::about::About;
use crate::capabilities::TASKS;
use crate::changes::Kinds;
use crate::context::Context;
use crate::handler::Handler;
use crate::json;
use crate::revision::Era;

/// Appends what the server can do and how to use it: `"capabilities"` and, if there are any, `"instructions"`
/// (2026-07-28, schema, `ServerCapabilities`). What a legacy client would have to be remembered for is declared only
/// if it `is_remembered`.
pub(crate) fn push<H: Handler>(
    handler: &H,
    about: &About,
    caller: &Context,
    is_remembered: bool,
    out: &mut Vec<u8>,
) {
    let changes = handler.changes().filter(|_| is_remembered);
    let Kinds { tools, prompts, resources, updates } =
        changes.map_or_else(Kinds::default, |changes| changes.kinds());
    out.extend_from_slice(br#""capabilities":{"tools":"#);
    push_flags(&[("listChanged", tools)], out);
    if has_resources(handler, caller) {
        out.extend_from_slice(br#","resources":"#);
        push_flags(&[("subscribe", updates), ("listChanged", resources)], out);
    }
    if handler.prompts(caller).is_some() {
        out.extend_from_slice(br#","prompts":"#);
        push_flags(&[("listChanged", prompts)], out);
    }
    if about.has_completions() {
        out.extend_from_slice(br#","completions":{}"#);
    }
    if about.has_logging() && is_remembered {
        out.extend_from_slice(br#","logging":{}"#);
    }
    push_extensions(handler.tasks().is_some() && caller.revision.era() == Era::Modern, about, out);
    out.push(b'}');
    if let Some(instructions) = about.instructions() {
        out.extend_from_slice(br#","instructions":"#);
        json::push(out, instructions);
    }
}

/// Whether there are resources to read: a list of them, or templates, or both.
pub(crate) fn has_resources<H: Handler>(handler: &H, caller: &Context) -> bool {
    handler.resources(caller).is_some() || handler.resource_templates(caller).is_some()
}

/// Only modern clients have tasks as an extension.
fn push_extensions(has_tasks: bool, about: &About, out: &mut Vec<u8>) {
    let tasks = has_tasks.then_some((TASKS, "{}"));
    let others = about.extensions().iter().map(|(id, settings)| (id.as_str(), settings.get()));
    let mut before: &[u8] = br#","extensions":{"#;
    let mut has_any = false;
    for (id, settings) in tasks.into_iter().chain(others) {
        out.extend_from_slice(before);
        json::push(out, id);
        out.push(b':');
        out.extend_from_slice(settings.as_bytes());
        (before, has_any) = (b",", true);
    }
    if has_any {
        out.push(b'}');
    }
}

fn push_flags(flags: &[(&str, bool)], out: &mut Vec<u8>) {
    let mut before: &[u8] = b"{";
    for (flag, _) in flags.iter().filter(|(_, is_set)| *is_set) {
        out.extend_from_slice(before);
        json::push(out, flag);
        out.extend_from_slice(b":true");
        before = b",";
    }
    if before == b"{" {
        out.push(b'{');
    }
    out.push(b'}');
}
