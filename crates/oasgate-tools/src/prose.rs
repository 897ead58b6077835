//! Text from a description, made fit for a model: plain, short, and free of characters that hide something.

#[cfg(test)]
mod tests;

/// How many times the length that is shown is read: markup is left out.
const READ: usize = 16;

/// Plain text of at most `limit` characters, cut at the end of a sentence where there is one.
///
/// CommonMark is kept except what only costs tokens: HTML tags and comments, images, link targets. Control, bidi and
/// zero-width characters are removed: they can hide text from the person who approves a tool.
pub(crate) fn clean(text: &str, limit: usize) -> String {
    if is_clean(text) {
        return shorten(text, limit);
    }
    // Far more than is shown is not looked at, however much there is.
    let visible: String = text.chars().take(READ * (limit + 1)).filter(|c| !is_hidden(*c)).collect();
    let plain = unlink(&untag(&visible));
    shorten(&collapse(&plain), limit)
}

/// Whether a text is one line of plain ASCII, as most are, in which there is nothing to clean.
fn is_clean(text: &str) -> bool {
    let mut before = b' ';
    let is_single = |byte: u8| {
        let is_plain = matches!(byte, b' '..=b'~') && !matches!(byte, b'<' | b'[' | b'&');
        let doubled = byte == b' ' && before == b' ';
        before = byte;
        is_plain && !doubled
    };
    text.bytes().all(is_single) && !text.ends_with(' ')
}

/// The first line of the cleaned text.
pub(crate) fn first_line(text: &str, limit: usize) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    clean(line.trim_start_matches(['#', ' ']), limit)
}

/// Controls but line breaks and tabs; zero-width and bidi characters; tags; private use.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E000}'..='\u{F8FF}' | '\u{E0000}'..='\u{10FFFF}')
}

/// Without HTML tags and comments; `<` that opens no tag stays.
fn untag(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        if let Some(length) = tag_length(tag) {
            let (tag, after) = tag.split_at(length);
            if is_break(tag) {
                out.push('\n');
            }
            rest = after;
        } else {
            out.push('<');
            rest = tag.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// How many bytes the tag or comment at the start of this text has.
fn tag_length(text: &str) -> Option<usize> {
    if text.starts_with("<!--") {
        return Some(text.find("-->").map_or(text.len(), |end| end + 3));
    }
    let inner = text.get(1..)?;
    let name = inner.strip_prefix('/').unwrap_or(inner);
    let length: usize = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let after = name.get(length..)?;
    // `<https://…>` and `<your-id>` are no tags; a tag's name ends in space, `/` or `>`.
    let is_tag = length > 0
        && length <= 10
        && after.starts_with(['>', ' ', '/', '\n'])
        && is_known(name.get(..length)?);
    is_tag.then(|| text.find('>').map(|end| end + 1)).flatten()
}

fn is_known(name: &str) -> bool {
    const NAMES: [&str; 38] = [
        "a",
        "b",
        "big",
        "blockquote",
        "br",
        "center",
        "code",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "td",
        "tr",
        "u",
        "ul",
    ];
    NAMES.contains(&name.to_ascii_lowercase().as_str())
        || matches!(
            name.to_ascii_lowercase().as_str(),
            "th" | "thead" | "tbody" | "script" | "style" | "iframe"
        )
}

fn is_break(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']).to_ascii_lowercase();
    ["br", "p", "li", "tr", "div", "h1", "h2", "h3", "h4", "h5", "ul", "ol", "pre"]
        .iter()
        .any(|known| name.strip_prefix(known).is_some_and(|after| after.starts_with(['>', ' ', '/'])))
}

/// Links as their text, images not at all.
fn unlink(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, link) = rest.split_at(at);
        let Some((label, after)) = link_parts(link) else {
            out.push_str(before);
            out.push('[');
            rest = link.get(1..).unwrap_or_default();
            continue;
        };
        if let Some(before) = before.strip_suffix('!') {
            out.push_str(before);
        } else {
            out.push_str(before);
            out.push_str(label);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The label of the inline link that this text starts with, and what follows it.
fn link_parts(text: &str) -> Option<(&str, &str)> {
    let end = text.find("](")?;
    let label = text.get(1..end)?;
    if label.contains(['[', '\n']) {
        return None;
    }
    let target = text.get(end + 2..)?;
    let close = target.find(')')?;
    if target.get(..close)?.contains('\n') {
        return None;
    }
    Some((label, target.get(close + 1..)?))
}

/// One space for runs of spaces, one empty line for several, nothing at the ends.
fn collapse(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_owned()
}

/// At most `limit` characters of clean text: whole sentences if the first fits, else whole words and `…`.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else { return text.to_owned() };
    let head = text.get(..end).unwrap_or_default();
    let sentence = head.char_indices().rev().find(|(at, c)| {
        let after = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        *c == '\n' || (matches!(c, '.' | '!' | '?') && after.is_none_or(char::is_whitespace))
    });
    match sentence {
        Some((at, c)) if at * 3 >= end => {
            head.get(..at + c.len_utf8()).unwrap_or_default().trim_end().to_owned()
        }
        _ => {
            let room = head.char_indices().last().map_or(0, |(at, _)| at);
            let head = head.get(..room).unwrap_or_default();
            let word = head.rfind(char::is_whitespace).filter(|at| at * 2 >= room).unwrap_or(room);
            format!("{}…", head.get(..word).unwrap_or_default().trim_end_matches([' ', ',', ';', ':', '\n']))
        }
    }
}
