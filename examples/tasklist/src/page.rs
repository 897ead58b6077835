//! The page at `/`: every list and task, for a person to watch.
//!
//! Owns the HTML and its escaping. No script and no form: the page only shows.

use std::fmt;

use crate::model::{List, Task};

#[cfg(test)]
mod tests;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>Task lists</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.4rem; }
  h2 { font-size: 1.1rem; margin: 2rem 0 0; }
  p { margin: 0.2rem 0; }
  ul { list-style: none; padding: 0; margin: 0.5rem 0; }
  li { padding: 0.4rem 0; border-top: 1px solid #8884; overflow-wrap: anywhere; }
  .done .title { text-decoration: line-through; }
  .meta { font-size: 0.85rem; opacity: 0.75; }
  .high { font-weight: 600; }
</style>
</head>
<body>
<h1>Task lists</h1>
"#;

/// The whole page.
pub(crate) fn render(lists: &[(List, Vec<Task>)]) -> String {
    let mut html = HEAD.to_owned();
    if lists.is_empty() {
        html.push_str("<p>No lists yet.</p>\n");
    }
    for (list, tasks) in lists {
        html.push_str(&section(list, tasks));
    }
    html.push_str("</body>\n</html>\n");
    html
}

fn section(list: &List, tasks: &[Task]) -> String {
    let (id, title) = (list.id, Escaped(&list.title));
    let description = list.description.as_deref().map(paragraph).unwrap_or_default();
    let count = format!("{} open, {} done", list.open_tasks, list.done_tasks);
    let items: String = tasks.iter().map(item).collect();
    format!(
        "<section id=\"list-{id}\">\n<h2>{title}</h2>\n{description}<p class=\"meta\">list {id}: {count}</p>\n\
         <ul>\n{items}</ul>\n</section>\n"
    )
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", Escaped(text))
}

fn item(task: &Task) -> String {
    let state = if task.done { "done" } else { "open" };
    let mut meta = vec![format!("task {}", task.id), format!("{} priority", task.priority.name())];
    meta.extend(task.due.as_ref().map(|due| format!("due {due}")));
    meta.extend(task.completed_at.as_ref().map(|at| format!("done {at}")));
    meta.extend(task.tags.iter().map(|tag| format!("#{tag}")));
    let notes = task.notes.as_deref().map(paragraph).unwrap_or_default();
    format!(
        "<li class=\"{state} {}\"><span class=\"title\">{}</span>\n{notes}<p class=\"meta\">{}</p></li>\n",
        task.priority.name(),
        Escaped(&task.title),
        Escaped(&meta.join(" · ")),
    )
}

/// Text that is safe between tags and within quoted attributes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            _ => fmt::Write::write_char(f, c),
        })
    }
}
