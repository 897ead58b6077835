//! Proxies of the system: what they are told, and what they are not.

use hyper_util::client::proxy::matcher::Matcher;

use super::super::address::Reach;
use super::super::connect::Proxies;
use super::super::tls::Trust;
use super::*;

/// Sends a request by way of `proxy`, but for `direct`.
async fn by(proxy: &Server, direct: &str, url: &str) -> Result<http::Response<Bytes>, Fault> {
    let uri = proxy.origin.replace("http://", "http://user:pass@");
    let proxies = Proxies::of(Matcher::builder().all(uri).no(direct).build());
    let upstream = Upstream::of(Reach::Everywhere, Trust::nobody(), Some(proxies), Limits::DEFAULT).unwrap();
    let request = Request::post(url).header("x-key", "s3cret").body(Bytes::new()).unwrap();
    upstream.send(request, Redirects::SameOrigin).await
}

const CREDENTIAL: &str = "proxy-authorization: Basic dXNlcjpwYXNz\r\n";

#[tokio::test]
async fn a_proxy_is_told_where_a_request_goes() {
    let proxy = Server::start(ok(b"done", "")).await;
    let answer = by(&proxy, "", "http://api.invalid/path?query").await.unwrap();
    assert_eq!(answer.body().as_ref(), b"done");
    let head = proxy.heads.lock().unwrap()[0].clone();
    assert!(head.starts_with("POST http://api.invalid/path?query HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("host: api.invalid\r\n") && head.contains(CREDENTIAL), "{head}");
}

#[tokio::test]
async fn of_what_is_secret_a_proxy_is_told_the_host_only() {
    let rows =
        [("200 OK", "tls"), ("407 Proxy Authentication Required", "auth"), ("502 Bad Gateway", "unsucc")];
    for (status, cause) in rows {
        let refusal = format!("HTTP/1.1 {status}\r\n\r\n").into_bytes();
        let proxy = Server::start(Answer::Bytes(refusal)).await;
        let fault = by(&proxy, "", "https://api.invalid/path").await.unwrap_err();
        assert!(
            matches!(&fault, Fault::Unreachable { cause: told, .. } if told.contains(cause)),
            "{fault:?}"
        );
        let heads = proxy.heads.lock().unwrap().join("");
        assert!(heads.starts_with("CONNECT api.invalid:443 HTTP/1.1\r\n"), "{heads}");
        assert!(heads.to_ascii_lowercase().contains(&CREDENTIAL.to_ascii_lowercase()), "{heads}");
        assert!(!heads.contains("s3cret") && !heads.contains("/path"), "{heads}");
    }
}

#[tokio::test]
async fn what_is_excepted_goes_straight() {
    let proxy = Server::start(ok(b"proxy", "")).await;
    let server = Server::start(ok(b"server", "")).await;
    let answer = by(&proxy, "127.0.0.1", &server.origin).await.unwrap();
    assert_eq!(answer.body().as_ref(), b"server");
    assert!(!server.heads.lock().unwrap()[0].contains("proxy-"), "no credential of a proxy");
    assert_eq!(proxy.lines(), [] as [&str; 0]);
}
