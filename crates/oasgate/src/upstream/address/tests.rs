use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper_util::client::legacy::connect::HttpConnector;
use tokio::net::TcpListener;
use tower_service::Service as _;

use super::{Names, Reach, is_public};

/// What a name server says, answer after answer, and how often it was asked.
fn name_server(reach: Reach, answers: Vec<Vec<SocketAddr>>) -> (Names, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let names = Names::by(reach, move |_| {
        let answer = answers[count.fetch_add(1, Ordering::SeqCst) % answers.len()].clone();
        Box::pin(async move { Ok(answer) })
    });
    (names, asked)
}

#[tokio::test]
async fn dns_rebinding_a_name_that_becomes_another_leads_nowhere_else() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let inside = server.local_addr().unwrap();
    let outside: SocketAddr = "8.8.8.8:0".parse().unwrap();
    let rows = [vec![inside], vec![inside, "[::ffff:127.0.0.1]:0".parse().unwrap()]];
    for private in rows {
        // First public, so that whoever looks at that answer and connects by the next is led inside.
        let (mut names, asked) = name_server(Reach::Public, vec![vec![outside], private.clone()]);
        let look_up = async |names: &mut Names| names.call("rebound.example".parse().unwrap()).await;
        assert!(look_up(&mut names).await.unwrap().eq([outside]));
        look_up(&mut names).await.unwrap_err();
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        let (names, _) = name_server(Reach::Public, vec![private]);
        let mut connector = HttpConnector::new_with_resolver(names);
        let to = format!("http://rebound.example:{}/", inside.port());
        connector.call(to.parse().unwrap()).await.unwrap_err();
    }
    // What is looked at is what is connected to: a name is asked for once for each connection.
    let (names, asked) = name_server(Reach::Everywhere, vec![vec![inside], vec![outside]]);
    let mut connector = HttpConnector::new_with_resolver(names);
    let to = format!("http://rebound.example:{}/", inside.port());
    connector.call(to.parse().unwrap()).await.unwrap();
    assert_eq!((server.accept().await.is_ok(), asked.load(Ordering::SeqCst)), (true, 1));
}

const PRIVATE: &str = "
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
    127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1
    172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255
    198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1
    ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:7f00:1
    64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::8.8.8.8 100::1 2001::1 2001:0:4136:e378::1
    2001:10::1 2001:1ff::1 2001:db8::1 2002:7f00:1::1 2002:808:808::1 2a00:1::5efe:10.0.0.1
    2a00:1::200:5efe:127.0.0.1 3fff::1 3fff:fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1
    fe80::1 febf::1 fec0::1 ff02::1 ff0e::1
";

const PUBLIC: &str = "
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1
    168.63.129.17 169.253.255.255 169.255.0.1 172.15.255.255 172.32.0.1 192.0.1.1 192.0.3.1
    192.88.98.1 192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1 203.0.114.1 223.255.255.255
    ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111
    2a00:1::5efe:8.8.8.8 3ffe:ffff::1 3fff:1000::1
";

#[test]
fn addresses_are_public_or_not() {
    for (rows, expected) in [(PRIVATE, false), (PUBLIC, true)] {
        for row in rows.split_whitespace() {
            assert_eq!(is_public(row.parse().unwrap()), expected, "{row}");
        }
    }
}

#[test]
fn of_several_addresses_the_public_ones_stay() {
    let rows: [(&[&str], Option<&[&str]>); 4] = [
        (&["10.0.0.1:0", "8.8.8.8:0", "[::1]:0"], Some(&["8.8.8.8:0"])),
        (&["8.8.8.8:0"], Some(&["8.8.8.8:0"])),
        (&["10.0.0.1:0", "[fe80::1]:0"], None),
        // A name without addresses is not a private one.
        (&[], Some(&[])),
    ];
    let addresses =
        |row: &[&str]| row.iter().map(|address| address.parse().unwrap()).collect::<Vec<SocketAddr>>();
    for (found, expected) in rows {
        let kept = Reach::Public.within(addresses(found)).ok().map(Iterator::collect);
        assert_eq!(kept, expected.map(addresses), "{found:?}");
    }
}
