use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use oasgate_auth::login::{Client, Plan, Session};
use oasgate_auth::{Clock, Fetch, Hand, Secret};
use oasgate_spec::{Scheme, SchemeKind};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use url::Url;

use super::{Folder, Login, Loopback, Place, Unusable, browser, plan};
use crate::fetch::Fetcher;

const NOW: i64 = 1_800_000_000;

/// An authorization server that rotates refresh tokens: each is good once, and using one twice ends them all.
#[derive(Default)]
struct Issuer {
    /// How often a token was issued; the number is in the token.
    issued: usize,
    is_over: bool,
}

type Shared = Arc<Mutex<Issuer>>;

async fn token(
    State(issuer): State<Shared>,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let mut issuer = issuer.lock().unwrap();
    let current = format!("refresh{}", issuer.issued);
    let is_good = match form["grant_type"].as_str() {
        "authorization_code" => form["code"] == "c",
        "refresh_token" => form["refresh_token"] == current,
        _ => false,
    };
    issuer.is_over |= !is_good;
    if issuer.is_over {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    }
    issuer.issued += 1;
    let number = issuer.issued;
    let tokens = json!({ "access_token": format!("access{number}"), "refresh_token": format!("refresh{number}"), "expires_in": 100 });
    (StatusCode::OK, Json(tokens))
}

/// A user who has signed in, on a machine whose time stands still.
struct World {
    home: TempDir,
    issuer: Shared,
    fetch: Arc<dyn Fetch>,
    clock: Clock,
    hand: Hand,
    place: Place,
}

impl World {
    async fn new() -> Self {
        let issuer = Shared::default();
        let router = Router::new().route("/token", post(token)).with_state(Arc::clone(&issuer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let home = TempDir::new().unwrap();
        let (clock, hand) = Clock::standing(NOW);
        let fetch = Fetcher::operator(true).unwrap();
        let place = Folder::at(&home.path().join("state")).place("https://api.example/openapi.json", "oauth");
        let world = Self { home, issuer, fetch, clock, hand, place };
        world.place.put(&world.sign_in(&origin).await).await.unwrap();
        world
    }

    /// The whole way: the browser is sent out, and comes back to a port of this machine.
    async fn sign_in(&self, origin: &str) -> Session {
        let plan = Plan {
            authorization_endpoint: Some(format!("{origin}/authorize")),
            token_endpoint: Some(format!("{origin}/token")),
            client_id: Some("ours".to_owned()),
            ..Plan::default()
        };
        let mut back = Loopback::listen().await.unwrap();
        let client = Client::prepare(&plan, Some(&back.uri), &self.fetch, &self.clock).await.unwrap();
        let browsing = client.browse(&back.uri).unwrap();
        let asked: HashMap<_, _> = Url::parse(&browsing.url).unwrap().query_pairs().into_owned().collect();
        assert_eq!(asked["redirect_uri"], back.uri);
        let url = format!("{}?code=c&state={}", back.uri, asked["state"]);
        let request = http::Request::get(url).body(bytes::Bytes::new()).unwrap();
        let limits = oasgate_auth::FetchLimits { bytes: 1 << 16, time: std::time::Duration::from_secs(10) };
        let (page, query) = tokio::join!(self.fetch.fetch(request, limits), back.next());
        let page = page.unwrap();
        assert_eq!(
            (page.status(), &page.headers()["referrer-policy"]),
            (StatusCode::OK, &http::HeaderValue::from_static("no-referrer"))
        );
        client.finish(&browsing, &query.unwrap()).await.unwrap()
    }

    fn login(&self) -> Login {
        Login::new("oauth", self.place.clone(), Arc::clone(&self.fetch), self.clock.clone())
    }
}

/// Whether it is the token of this number, and no other has been issued since.
fn is(token: &Secret, number: usize, world: &World) -> bool {
    token.expose() == format!("access{number}") && world.issuer.lock().unwrap().issued == number
}

#[tokio::test]
async fn a_sign_in_is_kept_and_refreshed_by_whoever_comes_first() {
    let world = World::new().await;
    let (one, other) = (world.login(), world.login());
    assert!(is(&one.token().await.unwrap(), 1, &world));
    world.hand.advance(70);
    // As two processes would: each has opened the files for itself, and a refresh token is good once.
    let both = futures_util::future::join_all(
        (0..10).map(|number| if number % 2 == 0 { one.token() } else { other.token() }),
    );
    for token in both.await {
        assert!(is(&token.unwrap(), 2, &world));
    }
    let refused = one.token().await.unwrap();
    let fresh = other.renewed(&refused).await.unwrap();
    assert!(is(&fresh, 3, &world));
    assert!(is(&one.renewed(&refused).await.unwrap(), 3, &world), "it is another already");
}

#[tokio::test]
async fn a_sign_in_that_is_over_says_what_to_do() {
    let world = World::new().await;
    world.hand.advance(70);
    world.issuer.lock().unwrap().is_over = true;
    let error = world.login().token().await.unwrap_err();
    assert!(matches!(error, Unusable::SignInAgain) && error.to_string().contains("oasgate login"), "{error}");
    assert!(world.place.take().await.unwrap().is_some());
    assert!(!world.place.is_taken());
    assert!(world.place.take().await.unwrap().is_none());
    assert!(matches!(world.login().token().await.unwrap_err(), Unusable::SignInAgain));
}

#[tokio::test]
async fn secrets_at_rest_are_sealed_and_their_users_only() {
    let world = World::new().await;
    let mut files = 0;
    for entry in fs::read_dir(world.home.path().join("state")).unwrap() {
        let path = entry.unwrap().path();
        let held = fs::read(&path).unwrap();
        for secret in ["access1", "refresh1"] {
            assert!(!held.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600,
                "{}",
                path.display()
            );
        }
        files += 1;
    }
    assert_eq!(files, 3, "the lock, the key and the sign-in");
    // A sign-in that was moved to the place of another is none.
    let elsewhere =
        Folder::at(&world.home.path().join("state")).place("https://evil.example/openapi.json", "oauth");
    elsewhere.put(&world.place.take().await.unwrap().unwrap()).await.unwrap();
    let file = |name: &str| world.home.path().join("state").join(name);
    let names: Vec<_> = fs::read_dir(file("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let sealed = names.iter().filter_map(|name| name.to_str()).find(|name| name.ends_with(".login")).unwrap();
    let sealed = fs::read(file(sealed)).unwrap();
    world.place.put(&elsewhere.take().await.unwrap().unwrap()).await.unwrap();
    let own = fs::read_dir(file("")).unwrap().map(|entry| entry.unwrap().path());
    let own = own.into_iter().find(|path| path.extension().is_some_and(|end| end == "login")).unwrap();
    fs::write(own, sealed).unwrap();
    assert!(matches!(world.login().token().await.unwrap_err(), Unusable::SignInAgain));
}

#[test]
fn stdio_command_injection_nothing_but_http_is_opened_and_by_no_shell() {
    let url = "https://as.example/a?b=c&d=$(id)`id`;id|id";
    let command = browser::command(url).unwrap();
    let arguments: Vec<_> = command.get_args().collect();
    assert_eq!(arguments.last().unwrap().to_str().unwrap(), Url::parse(url).unwrap().as_str());
    assert!(
        !["sh", "bash", "cmd", "cmd.exe", "powershell"].contains(&command.get_program().to_str().unwrap())
    );
    for url in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "-h",
        "x",
        "vscode://x",
        "https:",
        "data:text/html,x",
        "\\\\evil\\x",
    ] {
        assert!(browser::command(url).is_none(), "{url}");
    }
}

#[test]
fn a_description_says_where_to_sign_in() {
    let scheme = |kind| Scheme { kind, description: None };
    let flows = json!({ "authorizationCode": { "authorizationUrl": "https://as.example/a", "tokenUrl": "https://as.example/t", "scopes": { "r": "", "w": "" } } });
    let found = plan(&scheme(SchemeKind::OAuth2(flows)));
    assert_eq!(found.authorization_endpoint.as_deref(), Some("https://as.example/a"));
    assert_eq!(
        (found.token_endpoint.as_deref(), found.scopes.join(" ")),
        (Some("https://as.example/t"), "r w".to_owned())
    );
    let device = json!({ "deviceAuthorization": { "deviceAuthorizationUrl": "https://as.example/d", "tokenUrl": "https://as.example/t" } });
    let found = plan(&scheme(SchemeKind::OAuth2(device)));
    assert_eq!(found.device_authorization_endpoint.as_deref(), Some("https://as.example/d"));
    let url = "https://as.example/tenant/.well-known/openid-configuration".to_owned();
    let found = plan(&scheme(SchemeKind::OpenIdConnect(url)));
    assert_eq!(found.issuer.as_deref(), Some("https://as.example/tenant"));
}
