//! Two replicas of the program on one PostgreSQL, behind a balancer that gives each connection to the other one: they are
//! one server, whoever of them is asked, and whoever of them is killed.

mod balancer;

use std::fs;
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::Duration;

use futures_util::future::{join, join_all};
use postgres_server::Server as Database;
use serde_json::json;
use tempfile::TempDir;

use super::browser::Browser;
use super::signing::{Agreed, SignedIn, agree, pair, redeem, redeeming, sign_in, token};
use super::stage::{API_KEY, SECRET, Site, free_port};
use crate::support::program::{Server, command, root, run};
use balancer::Balancer;

/// Two master keys, as `oasgate keys new` makes them.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const ANOTHER: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA";

/// The example of the company, with so many servers for it as are running.
struct House {
    company: company_api::Company,
    /// Of the balancer, which is where clients come in.
    site: Site,
    balancer: Balancer,
    port: u16,
    api: u16,
    database: String,
    folder: TempDir,
}

/// One of its servers.
struct Replica {
    site: Site,
    port: u16,
    server: Server,
}

impl House {
    /// None where there is no PostgreSQL.
    async fn new() -> Option<Self> {
        let database = Database::shared()?.new_database();
        let settings = company_api::Settings { calls: u32::MAX, ..company_api::Settings::default() };
        let company = company_api::Company::new(SECRET, API_KEY, settings);
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (api, router) = (listener.local_addr().unwrap().port(), company.router());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let (balancer, port) = Balancer::start().await;
        let site = Site::new(&format!("http://127.0.0.1:{port}/v1/mcp"));
        let folder = tempfile::tempdir().unwrap();
        fs::copy(root().join("examples/company-api/openapi.yaml"), folder.path().join("openapi.yaml"))
            .unwrap();
        Some(Self { company, site, balancer, port, api, database, folder })
    }

    /// A replica with these master keys, newest first.
    fn command(&self, port: u16, keys: &[&str]) -> Command {
        let text = fs::read_to_string(root().join("examples/company-api/oasgate.toml")).unwrap();
        let text = text
            .replace("9102", &self.api.to_string())
            .replace("http://127.0.0.1:8080", &format!("http://127.0.0.1:{}", self.port))
            .replace("8080", &port.to_string());
        let names = ["env:MASTER_KEY_1", "env:MASTER_KEY_2"];
        let more = format!(
            "replicas = 2\n{text}\n[store]\nkind = \"postgres\"\nurl = \"env:DATABASE_URL\"\n[keys]\nmaster = {:?}\n\
             [limits]\naddress = {{ per_minute = 100000, burst = 10000 }}\n\
             registration = {{ per_minute = 100000, burst = 10000 }}\n",
            &names[..keys.len()]
        );
        let file = self.folder.path().join(format!("oasgate-{port}.toml"));
        fs::write(&file, more.replace("spec = \"", &format!("spec = \"{}/", self.folder.path().display())))
            .unwrap();
        let mut command = command(&["serve", "--config", file.to_str().unwrap()]);
        command.env("COMPANY_CLIENT_SECRET", SECRET).env("DATABASE_URL", &self.database);
        for (name, key) in names.iter().zip(keys) {
            command.env(name.trim_start_matches("env:"), key);
        }
        command
    }

    fn start(&self) -> Replica {
        let port = free_port();
        let server = Server::start(self.command(port, &[KEY]));
        Replica { site: Site::new(&format!("http://127.0.0.1:{port}/v1/mcp")), port, server }
    }

    /// Two replicas that the balancer leads to.
    fn pair(&self) -> [Replica; 2] {
        let both = [self.start(), self.start()];
        self.balancer.lead_to(&both.each_ref().map(|replica| replica.port));
        both
    }
}

async fn whoami(site: &Site, access: &str) -> u16 {
    site.post(Some(access), "tools/call", json!({ "name": "getMe", "arguments": {} })).await.status
}

fn refreshing(signed: &SignedIn) -> [(&str, &str); 3] {
    [("grant_type", "refresh_token"), ("refresh_token", &signed.refresh), ("client_id", &signed.client_id)]
}

#[tokio::test]
async fn two_replicas_are_one_server() {
    let Some(house) = House::new().await else { return };
    let [a, b] = house.pair();
    // By the balancer: the client registers at one, the page is another's, and its answer goes to the first.
    let signed = sign_in(&house.site, &mut Browser::new(), "ada").await;
    assert_eq!((whoami(&a.site, &signed.access).await, whoami(&b.site, &signed.access).await), (200, 200));
    let fresh = token(&a.site, &refreshing(&signed)).await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    let (access, refresh) = pair(&fresh);
    assert_eq!(whoami(&b.site, &access).await, 200);
    // The API has forgotten its tokens. The provider takes each refresh token once: of all who need another, one asks.
    house.company.forget_tokens();
    let calls = (0..8).map(|turn| whoami(if turn % 2 == 0 { &a.site } else { &b.site }, &access));
    assert_eq!(join_all(calls).await, [200; 8]);
    let revoked = [("token", refresh.as_str()), ("client_id", &signed.client_id)];
    assert_eq!(b.site.form("/revoke", &revoked).await.status, 200);
    assert_eq!(whoami(&b.site, &access).await, 401);
    house.site.until(async || whoami(&a.site, &access).await == 401).await;
}

#[tokio::test]
async fn of_a_code_that_is_raced_for_one_replica_makes_tokens() {
    let Some(house) = House::new().await else { return };
    let [a, b] = house.pair();
    let mut browser = Browser::new();
    for _ in 0..8 {
        let agreed = agree(&house.site, &mut browser, "ada").await;
        let (left, right) =
            join(redeem(&a.site, &house.site, &agreed), redeem(&b.site, &house.site, &agreed)).await;
        let (won, lost) = if left.status == 200 { (left, right) } else { (right, left) };
        assert_eq!((won.status, lost.status), (200, 400), "{} {}", won.body, lost.body);
        assert_eq!(lost.json()["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn a_refresh_that_is_raced_for_loses_nobody() {
    let Some(house) = House::new().await else { return };
    let [a, b] = house.pair();
    let mut signed = sign_in(&house.site, &mut Browser::new(), "ada").await;
    for _ in 0..8 {
        let form = refreshing(&signed);
        let (left, right) = join(token(&a.site, &form), token(&b.site, &form)).await;
        assert_eq!((left.status, right.status), (200, 200), "{} {}", left.body, right.body);
        let (access, refresh) = pair(&right);
        assert_eq!(whoami(&a.site, &access).await, 200);
        signed = SignedIn { access, refresh, ..signed };
    }
}

/// What a client does all day: it refreshes and calls, and asks once more where nobody has answered.
async fn live(site: Site, mut signed: SignedIn, rounds: usize) -> SignedIn {
    for round in 0..rounds {
        let answer = loop {
            if let Ok(answer) = site.try_form("/token", &refreshing(&signed)).await {
                break answer;
            }
        };
        assert_eq!(answer.status, 200, "round {round}: {}", answer.body);
        let (access, refresh) = pair(&answer);
        signed = SignedIn { access, refresh, ..signed };
        let status = loop {
            let call = json!({ "name": "getMe", "arguments": {} });
            if let Ok(answer) = site.try_post(Some(&signed.access), "tools/call", call).await {
                break answer.status;
            }
        };
        assert_eq!(status, 200, "round {round}");
    }
    signed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_grant_is_lost_with_a_replica_that_is_killed() {
    let Some(house) = House::new().await else { return };
    let [a, b] = house.pair();
    let users = ["ada", "bob", "eve", "joe"];
    let signed =
        join_all(users.map(async |user| sign_in(&house.site, &mut Browser::new(), user).await)).await;
    let lives: Vec<_> =
        signed.into_iter().map(|signed| tokio::spawn(live(house.site.clone(), signed, 40))).collect();
    // One is killed in the middle of it, with a code in its hands, and comes back; then the other.
    let mut standing = b;
    let mut falling = a;
    for _ in 0..2 {
        let agreed = agree(&house.site, &mut Browser::new(), "ada").await;
        let first = tokio::spawn(redeem_once(falling.site.clone(), house.site.clone(), agreed));
        tokio::time::sleep(Duration::from_millis(3)).await;
        kill(falling.server);
        let (agreed, had) = first.await.unwrap();
        let second = redeem(&standing.site, &house.site, &agreed).await.status == 200;
        assert!(!(had && second), "the code was good for two");
        let back = house.start();
        house.balancer.lead_to(&[standing.port, back.port]);
        falling = std::mem::replace(&mut standing, back);
    }
    for life in lives {
        let signed = life.await.unwrap();
        assert_eq!(whoami(&house.site, &signed.access).await, 200);
    }
}

/// Whether a code was exchanged at a replica that may be gone.
async fn redeem_once(at: Site, site: Site, agreed: Agreed) -> (Agreed, bool) {
    let form = redeeming(&site, &agreed);
    let had = at.try_form("/token", &form).await.is_ok_and(|answer| answer.status == 200);
    (agreed, had)
}

/// SIGKILL: nothing is said, nothing put in order.
fn kill(server: Server) {
    drop(server);
}

#[tokio::test]
async fn a_replica_that_would_sign_users_out_does_not_start() {
    let Some(house) = House::new().await else { return };
    let first = house.start();
    let refused = run(house.command(free_port(), &[ANOTHER]));
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("give all replicas a new key as an older one"), "{}", refused.stderr);
    // Known as an older one everywhere, the new one may become the newest.
    let staged = Server::start(house.command(free_port(), &[KEY, ANOTHER]));
    crate::support::program::terminate_server(first.server);
    let rotated = Server::start(house.command(free_port(), &[ANOTHER, KEY]));
    drop((staged, rotated));
}
