//! A reader of the style table: it splits at the raw delimiters first and percent-decodes afterwards (OpenAPI 3.2,
//! Appendix C), and shares no code with the writer.

use oasgate_spec::Style;

/// What a text is to be read as, which only the schema knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    List,
    Record,
}

/// A value that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    Scalar(String),
    List(Vec<String>),
    Record(Vec<(String, String)>),
}

pub(super) fn path(style: Style, explode: bool, name: &str, text: &str, kind: Kind) -> Read {
    match style {
        Style::Matrix => matrix(explode, name, text.strip_prefix(';').expect("the prefix"), kind),
        Style::Label => {
            let text = text.strip_prefix('.').expect("the prefix");
            composite(text, if explode { "." } else { "," }, explode, kind)
        }
        _ => composite(text, ",", explode, kind),
    }
}

fn matrix(explode: bool, name: &str, text: &str, kind: Kind) -> Read {
    let pairs: Vec<(String, &str)> = text
        .split(';')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), value))
        .collect();
    match (explode, kind) {
        (true, Kind::Record) => {
            Read::Record(pairs.into_iter().map(|(name, value)| (name, decode(value))).collect())
        }
        (true, Kind::List) => {
            assert!(pairs.iter().all(|(own, _)| own == name), "{pairs:?}");
            Read::List(pairs.iter().map(|(_, value)| decode(value)).collect())
        }
        _ => {
            let [(own, value)] = pairs.as_slice() else { panic!("{pairs:?}") };
            assert_eq!(own, name);
            composite(value, ",", false, kind)
        }
    }
}

fn composite(text: &str, delimiter: &str, explode: bool, kind: Kind) -> Read {
    match kind {
        Kind::Scalar => Read::Scalar(decode(text)),
        Kind::List => Read::List(text.split(delimiter).map(decode).collect()),
        Kind::Record if explode => Read::Record(text.split(delimiter).map(pair).collect()),
        Kind::Record => {
            let items: Vec<String> = text.split(delimiter).map(decode).collect();
            let (pairs, []) = items.as_chunks::<2>() else { panic!("an odd number of items: {text}") };
            Read::Record(pairs.iter().map(|[name, value]| (name.clone(), value.clone())).collect())
        }
    }
}

pub(super) fn query(style: Style, explode: bool, name: &str, text: &str, kind: Kind) -> Read {
    let pairs: Vec<(&str, &str)> =
        text.split('&').map(|pair| pair.split_once('=').expect("a pair")).collect();
    let own = |(key, _): &(&str, &str)| decode(key) == name;
    match (explode, kind) {
        (true, Kind::Record) => Read::Record(text.split('&').map(pair).collect()),
        (true, Kind::List) => {
            assert!(pairs.iter().all(own), "{text}");
            Read::List(pairs.iter().map(|(_, value)| decode(value)).collect())
        }
        _ => {
            let [one] = pairs.as_slice() else { panic!("{text}") };
            assert!(own(one), "{text}");
            let delimiter = match style {
                Style::SpaceDelimited => "%20",
                Style::PipeDelimited => "%7C",
                Style::TabDelimited => "%09",
                _ => ",",
            };
            composite(one.1, delimiter, false, kind)
        }
    }
}

pub(super) fn deep_object(name: &str, text: &str) -> Read {
    let member = |(key, value): (String, String)| {
        let key = key
            .strip_prefix(name)
            .and_then(|key| key.strip_prefix('['))
            .and_then(|key| key.strip_suffix(']'));
        (key.expect("brackets").to_owned(), value)
    };
    Read::Record(text.split('&').map(pair).map(member).collect())
}

fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').expect("a pair");
    (decode(name), decode(value))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
            let digits = std::str::from_utf8(&digits).expect("ASCII");
            bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}
