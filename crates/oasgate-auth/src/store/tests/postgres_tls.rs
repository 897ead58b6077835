//! What is said to a database elsewhere is said to that database only.

use std::net::TcpListener;
use std::path::Path;

use super::*;
use postgres_server::as_owner;

/// A certificate authority, a certificate for `localhost` by it, and another authority that nobody has asked.
const CERTIFICATES: &str = r#"
    set -e
    authority() {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$1" \
            -addext basicConstraints=critical,CA:TRUE -keyout "$1.key" -out "$1.pem"
    }
    authority ours
    authority another
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout data/server.key -out request
    printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE' >extensions
    openssl x509 -req -in request -CA ours.pem -CAkey ours.key -set_serial 1 -days 30 -extfile extensions -out data/server.crt
    chmod 600 data/server.key"#;

/// Options for a server at a port of its own.
fn at_port(port: u16) -> Vec<String> {
    ["-c", "listen_addresses=127.0.0.1", "-p", &port.to_string()].map(str::to_owned).to_vec()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn encrypted(folder: &Path, port: u16) -> Vec<String> {
    let made = as_owner(folder, Path::new("/bin/sh")).args(["-c", CERTIFICATES]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut options = at_port(port);
    options.extend(["-c", "ssl=on"].map(str::to_owned));
    options
}

async fn open(url: &str) -> Result<Postgres, String> {
    Postgres::open(&Secret::new(url), Clock::standing(NOW).0).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_server_must_show_a_certificate_that_is_trusted_for_its_name() {
    let port = free_port();
    let mut folder = None;
    let Some(server) = Server::start(|home| {
        folder = Some(home.to_owned());
        encrypted(home, port)
    }) else {
        return;
    };
    let folder = folder.unwrap();
    let [ours, another, key] =
        ["ours.pem", "another.pem", "ours.key"].map(|name| folder.join(name).display().to_string());
    let with = |host: &str, rest: &str| format!("postgres://oasgate@{host}:{port}/postgres?{rest}");
    for (url, expected) in [
        (with("localhost", &format!("sslmode=verify-full&sslrootcert={ours}")), Ok("t")),
        (with("localhost", &format!("sslrootcert={ours}&sslmode=require")), Ok("t")),
        (with("localhost", "sslmode=disable"), Ok("f")),
        (with("localhost", ""), Ok("f")),
        (with("localhost", &format!("sslmode=require&sslrootcert={another}")), Err("UnknownIssuer")),
        (with("localhost", "sslmode=require"), Err("certificate")),
        (with("127.0.0.1", &format!("sslmode=require&sslrootcert={ours}")), Err("not valid for name")),
        (with("localhost", &format!("sslmode=require&sslrootcert={key}")), Err("no certificate")),
    ] {
        match (open(&url).await, expected) {
            (Ok(store), Ok(expected)) => {
                assert_eq!(store.commit(vec![put("a", &url)]).await.unwrap(), Commit::Made, "{url}");
                let seen = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                            WHERE application_name = 'oasgate' AND backend_start = (
                                SELECT max(backend_start) FROM pg_stat_activity WHERE application_name = 'oasgate')";
                assert_eq!(server.sql("postgres", seen).trim(), expected, "{url}");
            }
            (Err(error), Err(part)) => assert!(error.contains(part), "{url}: {error}"),
            (opened, _) => panic!("{url}: {opened:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_without_encryption_is_not_talked_to_where_it_is_needed() {
    let port = free_port();
    let Some(_server) = Server::start(|_| at_port(port)) else { return };
    for (query, expected) in [("sslmode=disable", None), ("sslmode=require", Some("does not support TLS"))] {
        let opened = open(&format!("postgres://oasgate@localhost:{port}/postgres?{query}")).await;
        match (opened, expected) {
            (Ok(_), None) => {}
            (Err(error), Some(part)) => assert!(error.contains(part), "{query}: {error}"),
            (opened, _) => panic!("{query}: {opened:?}"),
        }
    }
}
