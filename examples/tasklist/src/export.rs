//! A list as text to take away: CSV (RFC 4180) or a checklist.
//!
//! Owns the quoting of CSV. Refuses to know who asks and for what.

use crate::model::Task;

#[cfg(test)]
mod tests;

/// A header line and one line per task. Tags are separated by spaces.
pub(crate) fn csv(tasks: &[Task]) -> String {
    let mut text = "id,title,done,priority,due,tags,notes\r\n".to_owned();
    for task in tasks {
        let fields = [
            task.id.to_string(),
            field(&task.title),
            task.done.to_string(),
            task.priority.name().to_owned(),
            task.due.as_ref().map(ToString::to_string).unwrap_or_default(),
            field(&task.tags.join(" ")),
            field(task.notes.as_deref().unwrap_or_default()),
        ];
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// One line per task: `[x] title (due 2026-11-20) #tag`.
pub(crate) fn checklist(tasks: &[Task]) -> String {
    tasks.iter().map(line).collect()
}

/// RFC 4180 §2.5-7: a field with a comma, a quote or a line break is quoted, its quotes doubled.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn line(task: &Task) -> String {
    let mark = if task.done { "x" } else { " " };
    let due = task.due.as_ref().map(|due| format!(" (due {due})")).unwrap_or_default();
    let tags: String = task.tags.iter().map(|tag| format!(" #{tag}")).collect();
    let title = task.title.replace(['\r', '\n'], " ");
    format!("[{mark}] {title}{due}{tags}\n")
}
