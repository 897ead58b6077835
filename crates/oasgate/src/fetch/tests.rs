use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::{Request, StatusCode};
use oasgate_auth::{Fetch, FetchError, FetchLimits};
use tokio::net::TcpListener;

use super::Fetcher;

const LIMITS: FetchLimits = FetchLimits { bytes: 64 << 10, time: Duration::from_secs(5) };

/// A server on this machine; how often it was asked is counted.
async fn server() -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = async |State(asked): State<Arc<AtomicUsize>>| {
        asked.fetch_add(1, Ordering::SeqCst);
        StatusCode::OK
    };
    let large = |bytes: usize| async move { vec![b' '; bytes] };
    let endless = async || -> Response {
        let chunk = || Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 4096]));
        Body::from_stream(stream::repeat(()).map(move |()| chunk())).into_response()
    };
    let router = Router::new()
        .route("/", get(count).post(count))
        .route("/redirect", get(async || Redirect::temporary("/")).post(async || Redirect::temporary("/")))
        .route("/large", get(move || large(64 << 10)))
        .route("/larger", get(move || large((64 << 10) + 1)))
        .route("/endless", get(endless))
        .route("/silent", get(std::future::pending::<StatusCode>))
        .with_state(Arc::clone(&asked));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (format!("127.0.0.1:{port}"), asked)
}

async fn fetch(fetcher: &dyn Fetch, method: &str, url: &str, limits: FetchLimits) -> Result<u16, FetchError> {
    let request = Request::builder().method(method).uri(url).body(Bytes::new()).unwrap();
    fetcher.fetch(request, limits).await.map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn ssrf_no_way_of_writing_leads_to_a_private_address() {
    let (address, asked) = server().await;
    let port = address.rsplit(':').next().unwrap();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::]",
        "169.254.169.254",
        "[fd00:ec2::254]",
    ];
    let (strangers, public) = (Fetcher::strangers().unwrap(), Fetcher::operator(false).unwrap());
    for host in hosts {
        for scheme in ["http", "https"] {
            for fetcher in [&strangers, &public] {
                let url = format!("{scheme}://{host}:{port}/");
                let error = fetch(fetcher.as_ref(), "GET", &url, LIMITS).await.unwrap_err();
                // Some of these forms are no names to this machine's resolver, and are not found.
                assert!(matches!(error, FetchError::Refused(_) | FetchError::Failed(_)), "{url}: {error:?}");
            }
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    for host in ["127.0.0.1", "localhost", "[::1]", "169.254.169.254"] {
        let refused = Err(FetchError::Refused(host.to_owned()));
        assert_eq!(fetch(public.as_ref(), "GET", &format!("http://{host}:{port}/"), LIMITS).await, refused);
    }
}

#[tokio::test]
async fn what_strangers_name_is_fetched_encrypted_or_not_at_all() {
    let strangers = Fetcher::strangers().unwrap();
    let refused = Err(FetchError::Refused("client.example".to_owned()));
    assert_eq!(
        fetch(strangers.as_ref(), "GET", "http://client.example/metadata.json", LIMITS).await,
        refused
    );
}

#[tokio::test]
async fn redirects_are_answers_and_lead_nowhere() {
    let (address, asked) = server().await;
    let inside = Fetcher::operator(true).unwrap();
    for method in ["GET", "POST"] {
        let url = format!("http://{address}/redirect");
        assert_eq!(fetch(inside.as_ref(), method, &url, LIMITS).await, Ok(307), "{method}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    assert_eq!(fetch(inside.as_ref(), "POST", &format!("http://{address}/"), LIMITS).await, Ok(200));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn response_bombs_end_where_the_asker_says() {
    let (address, _) = server().await;
    let inside = Fetcher::operator(true).unwrap();
    let too_large = || Err(FetchError::TooLarge("127.0.0.1".to_owned()));
    for (path, expected) in [("/large", Ok(200)), ("/larger", too_large()), ("/endless", too_large())] {
        assert_eq!(
            fetch(inside.as_ref(), "GET", &format!("http://{address}{path}"), LIMITS).await,
            expected,
            "{path}"
        );
    }
    let short = FetchLimits { time: Duration::from_millis(50), ..LIMITS };
    let failed = Err(FetchError::Failed("127.0.0.1".to_owned()));
    assert_eq!(fetch(inside.as_ref(), "GET", &format!("http://{address}/silent"), short).await, failed);
}

#[tokio::test]
async fn what_a_url_holds_is_in_no_error() {
    let strangers = Fetcher::strangers().unwrap();
    let error =
        fetch(strangers.as_ref(), "GET", "https://127.0.0.1/sesame?sesame=sesame", LIMITS).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("sesame"));
}
