use std::cell::RefCell;
use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};

use super::{Asked, Cache};

/// An API that counts: each answer has the number of requests so far as its body.
struct Api {
    cache: Cache,
    /// Header fields of an answer.
    fields: RefCell<&'static str>,
    /// The validators that came, one for each request that did.
    asked: RefCell<Vec<Option<String>>>,
}

impl Api {
    fn new(cache: Cache, fields: &'static str) -> Self {
        Self { cache, fields: fields.into(), asked: RefCell::default() }
    }

    /// What a request is answered, its status and body.
    async fn call(&self, principal: Option<&str>, request: Request<Bytes>) -> (u16, String) {
        let asked = Asked::of(&without_credentials(&request), principal);
        let answer = self.cache.answer(asked, request, async |request| self.answer(&request)).await.unwrap();
        (answer.status().as_u16(), String::from_utf8(answer.into_body().to_vec()).unwrap())
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, Infallible> {
        let validator =
            request.headers().get("if-none-match").map(|value| value.to_str().unwrap().to_owned());
        let is_known = validator.is_some();
        self.asked.borrow_mut().push(validator);
        let fields = self.fields.borrow().split('|').filter_map(|field| field.split_once(": "));
        let answer = fields.fold(Response::builder(), |builder, (name, value)| builder.header(name, value));
        let body = if is_known { Bytes::new() } else { self.asked.borrow().len().to_string().into() };
        Ok(answer.status(if is_known { 304 } else { 200 }).body(body).unwrap())
    }

    fn requests(&self) -> usize {
        self.asked.borrow().len()
    }
}

fn without_credentials(request: &Request<Bytes>) -> Request<Bytes> {
    let mut bare = request.clone();
    bare.headers_mut().remove("authorization");
    bare
}

fn request(method: &str, url: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(url).body(Bytes::new()).unwrap()
}

fn with(mut request: Request<Bytes>, name: &'static str, value: &'static str) -> Request<Bytes> {
    let mut value = HeaderValue::from_static(value);
    value.set_sensitive(name == "authorization");
    request.headers_mut().insert(name, value);
    request
}

const URL: &str = "https://api.example/things?x=1";
const FRESH: &str = "cache-control: max-age=600";

#[tokio::test]
async fn what_is_fresh_is_not_asked_for_again() {
    let get = || request("GET", URL);
    let secret = || with(get(), "authorization", "s3cret");
    // Two requests, and whether the second is answered with the answer to the first.
    let rows = [
        ("the same", get(), None, get(), None, true),
        ("another query", get(), None, request("GET", "https://api.example/things?x=2"), None, false),
        ("another origin", get(), None, request("GET", "http://api.example/things?x=1"), None, false),
        ("another method", get(), None, request("HEAD", URL), None, false),
        ("another field", with(get(), "accept", "a/b"), None, with(get(), "accept", "a/c"), None, false),
        ("the same field", with(get(), "accept", "a/b"), None, with(get(), "accept", "a/b"), None, true),
        ("another principal", get(), Some("a"), get(), Some("b"), false),
        ("a principal and nobody", get(), Some("a"), get(), None, false),
        ("the same principal", get(), Some("a"), get(), Some("a"), true),
        ("credentials", secret(), None, secret(), None, false),
        ("credentials later", get(), None, secret(), None, false),
        ("credentials before", secret(), None, get(), None, false),
        ("a condition", get(), None, with(get(), "range", "bytes=0-1"), None, false),
        ("two heads", request("HEAD", URL), None, request("HEAD", URL), None, false),
    ];
    for (name, first, by, second, then_by, expected) in rows {
        let api = Api::new(Cache::new(1 << 20, false), FRESH);
        api.call(by, first).await;
        api.call(then_by, second).await;
        assert_eq!(api.requests() == 1, expected, "{name}");
    }
}

#[tokio::test]
async fn credentials_are_the_operators_word() {
    let secret = || with(request("GET", URL), "authorization", "s3cret");
    let api = Api::new(Cache::new(1 << 20, true), FRESH);
    for _ in 0..2 {
        assert_eq!(api.call(Some("a"), secret()).await, (200, "1".to_owned()));
        assert_eq!(api.call(Some("b"), secret()).await, (200, "2".to_owned()));
    }
    // In the URI they are credentials, too.
    let api = Api::new(Cache::new(1 << 20, false), FRESH);
    for _ in 0..2 {
        let asked = Asked::of(&request("GET", URL), None);
        let with_key = request("GET", "https://api.example/things?x=1&api_key=s3cret");
        api.cache.answer(asked, with_key, async |request| api.answer(&request)).await.unwrap();
    }
    assert_eq!(api.requests(), 2);
}

#[tokio::test]
async fn what_may_be_kept_only_with_a_question_is_asked() {
    let api = Api::new(Cache::new(1 << 20, false), "etag: \"x\"");
    assert_eq!(api.call(None, request("GET", URL)).await, (200, "1".to_owned()));
    // What the 304 brings holds from then on.
    *api.fields.borrow_mut() = "etag: \"y\"|content-length: 0";
    assert_eq!(api.call(None, request("GET", URL)).await, (200, "1".to_owned()));
    *api.fields.borrow_mut() = FRESH;
    assert_eq!(api.call(None, request("GET", URL)).await, (200, "1".to_owned()));
    assert_eq!(api.call(None, request("GET", URL)).await, (200, "1".to_owned()));
    assert_eq!(*api.asked.borrow(), [None, Some("\"x\"".to_owned()), Some("\"y\"".to_owned())]);
}

#[tokio::test]
async fn whatever_may_change_something_makes_all_unknown() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "LINK"] {
        let api = Api::new(Cache::new(1 << 20, false), FRESH);
        let other = "https://other.example/";
        api.call(None, request("GET", URL)).await;
        api.call(None, request("GET", other)).await;
        api.call(None, request(method, "https://API.example/elsewhere")).await;
        assert_eq!(api.call(None, request("GET", URL)).await.1, "4", "{method}");
        assert_eq!(api.call(None, request("GET", other)).await.1, "2", "{method}");
    }
    for method in ["HEAD", "OPTIONS"] {
        let api = Api::new(Cache::new(1 << 20, false), FRESH);
        api.call(None, request("GET", URL)).await;
        api.call(None, request(method, URL)).await;
        assert_eq!(api.call(None, request("GET", URL)).await.1, "1", "{method}");
    }
}

#[tokio::test]
async fn a_change_that_was_given_up_counts() {
    let api = Api::new(Cache::new(1 << 20, false), FRESH);
    api.call(None, request("GET", URL)).await;
    let post = request("POST", URL);
    let hang = async |_| std::future::pending::<Result<Response<Bytes>, Infallible>>().await;
    let change = api.cache.answer(Asked::of(&post, None), post, hang);
    tokio::select! { biased; _ = change => unreachable!(), () = std::future::ready(()) => {} }
    assert_eq!(api.call(None, request("GET", URL)).await.1, "2");
}

#[tokio::test]
async fn what_is_kept_has_a_limit() {
    let rows = [(0, 1_000, false), (4_000, 1_000, true), (4_000, 5_000, false)];
    for (bytes, length, is_kept) in rows {
        let api = Api::new(Cache::new(bytes, false), FRESH);
        let mut requests = 0;
        for _ in 0..2 {
            let get = request("GET", URL);
            let answer = Response::builder().header("cache-control", "max-age=60");
            let answer = answer.body(Bytes::from(vec![b'x'; length])).unwrap();
            let send = async |_| {
                requests += 1;
                Ok::<_, Infallible>(answer)
            };
            let body = api.cache.answer(Asked::of(&get, None), get, send).await.unwrap().into_body();
            assert_eq!(body.len(), length);
            api.cache.kept.iter().for_each(|kept| kept.answers.run_pending_tasks());
        }
        assert_eq!(requests == 1, is_kept, "{length} of {bytes}");
    }
}
