use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::Request;
use ipnet::IpNet;
use proptest::prelude::*;

use super::of;

const PROXIES: [&str; 3] = ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"];

fn seen(peer: &str, fields: &[&str], trusted: &[&str]) -> String {
    let mut request = Request::builder();
    for field in fields {
        request = request.header("X-Forwarded-For", *field);
    }
    let mut request = request.body(()).unwrap();
    if !peer.is_empty() {
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
    }
    let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
    of(&request.into_parts().0, &trusted)
}

#[test]
fn forged_proxy_headers_are_not_believed() {
    for (peer, fields, expected) in [
        ("203.0.113.5:1", &["198.51.100.1"][..], "203.0.113.5"),
        ("203.0.113.5:1", &[], "203.0.113.5"),
        ("10.0.0.1:1", &[], "10.0.0.1"),
        ("10.0.0.1:1", &["198.51.100.1"], "198.51.100.1"),
        // The client has written the beginning, the proxies have appended what they saw.
        ("10.0.0.1:1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1:1", &["1.1.1.1, 10.9.9.9, 198.51.100.1, 192.0.2.7, 10.2.2.2"], "198.51.100.1"),
        ("10.0.0.1:1", &["1.1.1.1", "198.51.100.1,10.2.2.2", "192.0.2.7"], "198.51.100.1"),
        ("10.0.0.1:1", &["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        ("10.0.0.1:1", &["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1:1", &["198.51.100.1, , 10.2.2.2"], "10.2.2.2"),
        ("10.0.0.1:1", &["198.51.100.1, 10.2.2.2, \u{e9}"], "10.0.0.1"),
        ("10.0.0.1:1", &[""], "10.0.0.1"),
        ("10.0.0.1:1", &["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1:1", &["\t198.51.100.1 "], "198.51.100.1"),
        // IPv6 by the network of the subscriber; IPv4 in IPv6 as IPv4.
        ("[2001:db8:1:2:3:4:5:6]:1", &["1.1.1.1"], "2001:db8:1:2::"),
        ("[fd00::1]:1", &["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::"),
        ("[fd00::1]:1", &["[2001:db8:1:2:3:4:5:6]:443"], "2001:db8:1:2::"),
        ("[fd00::1]:1", &["[2001:db8:1:2:3:4:5:6]"], "2001:db8:1:2::"),
        ("[::ffff:10.0.0.1]:1", &["::ffff:198.51.100.1"], "198.51.100.1"),
        ("", &["198.51.100.1"], "unknown"),
    ] {
        assert_eq!(seen(peer, fields, &PROXIES), expected, "{peer} {fields:?}");
    }
}

#[test]
fn nobody_is_believed_unless_told() {
    assert_eq!(seen("127.0.0.1:1", &["198.51.100.1"], &[]), "127.0.0.1");
}

proptest! {
    #[test]
    fn whatever_a_client_writes_changes_nothing(written in "[ -~]{0,40}") {
        // Appended to the client's field, or as a field of its own, by the proxy.
        let appended = format!("{written},198.51.100.1");
        for fields in [&[appended.as_str()][..], &[&written, "198.51.100.1"]] {
            prop_assert_eq!(seen("10.0.0.1:1", fields, &PROXIES), "198.51.100.1");
        }
    }
}
