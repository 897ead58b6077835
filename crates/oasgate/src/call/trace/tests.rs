use http::HeaderMap;

use super::Trace;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What is passed on: `traceparent` and `tracestate`.
fn passed_on(parent: &str, state: &str) -> (Option<String>, Option<String>) {
    let mut headers = HeaderMap::new();
    Trace { parent: Some(parent), state: Some(state) }.pass_on(&mut headers);
    let mut take = |name| headers.remove(name).map(|value| value.to_str().unwrap().to_owned());
    (take("traceparent"), take("tracestate"))
}

#[test]
fn parents_have_the_form_of_the_recommendation() {
    let rows = [
        (PARENT.to_owned(), true),
        (PARENT.replacen("00", "01", 1), true),
        (PARENT.replacen("00", "cc", 1) + "-what-comes", true),
        (PARENT.to_owned() + "-more", false),
        (PARENT.replacen("00", "ff", 1), false),
        (PARENT.to_uppercase(), false),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01".to_owned(), false),
        ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01".to_owned(), false),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331".to_owned(), false),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1".to_owned(), false),
        ("00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01".to_owned(), false),
        (PARENT.to_owned() + "\r\nx: y", false),
        (" ".to_owned() + PARENT, false),
        (String::new(), false),
    ];
    for (parent, is_passed) in rows {
        let expected = if is_passed { (Some(parent.clone()), Some("a=b".to_owned())) } else { (None, None) };
        assert_eq!(passed_on(&parent, "a=b"), expected, "{parent}");
    }
}

#[test]
fn states_have_the_form_of_the_recommendation() {
    let list = |count: usize| vec!["a=b"; count].join(",");
    let rows = [
        ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE".to_owned(), true),
        ("fw529a3039@dt=FfAGrfs, rojo=1 2\t,,x_-*/=!".to_owned(), true),
        ("0a@b=c".to_owned(), true),
        (list(32), true),
        (list(33), false),
        (format!("a={}", "b".repeat(256)), true),
        (format!("a={}", "b".repeat(257)), false),
        (format!("a={},b={0}", "b".repeat(255)), false),
        ("A=b".to_owned(), false),
        ("_a=b".to_owned(), false),
        ("a".to_owned(), false),
        ("a=".to_owned(), false),
        ("=a".to_owned(), false),
        ("a=b=c".to_owned(), false),
        ("a@b@c=d".to_owned(), false),
        ("a@=b".to_owned(), false),
        ("@a=b".to_owned(), false),
        ("a=b\r\nx: y".to_owned(), false),
        ("a=ä".to_owned(), false),
    ];
    for (state, is_passed) in rows {
        let expected = (Some(PARENT.to_owned()), is_passed.then(|| state.clone()));
        assert_eq!(passed_on(PARENT, &state), expected, "{state}");
    }
}

#[test]
fn what_the_arguments_say_comes_first() {
    for name in ["traceparent", "tracestate"] {
        let mut headers = HeaderMap::from_iter([(name.parse().unwrap(), "own".parse().unwrap())]);
        Trace { parent: Some(PARENT), state: Some("a=b") }.pass_on(&mut headers);
        assert_eq!((headers.len(), headers[name].to_str().unwrap()), (1, "own"));
    }
    let mut headers = HeaderMap::new();
    Trace { parent: None, state: Some("a=b") }.pass_on(&mut headers);
    assert!(headers.is_empty());
}
