//! A browser, and a client whose user signs in with it.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::Request;
use http::header;
use url::Url;

use super::authority::Authority;
use super::world::{Answer, ISSUER, REDIRECT, RESOURCE, STATE, World, form, query};
use crate::random;

/// A browser with its cookies.
#[derive(Default, Clone)]
pub(super) struct Browser {
    cookies: BTreeMap<String, String>,
}

/// A client in the middle of a sign-in.
pub(super) struct SignIn {
    pub(super) client: String,
    pub(super) verifier: String,
    pub(super) browser: Browser,
}

impl Browser {
    pub(super) async fn get(&mut self, world: &World, path: &str) -> Answer {
        self.send(world, Request::get(path), Body::empty()).await
    }

    /// Posts a form from a page of the server.
    pub(super) async fn post(&mut self, world: &World, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, ISSUER);
        self.send(world, request, form(pairs).into()).await
    }

    pub(super) async fn send(
        &mut self,
        world: &World,
        mut request: http::request::Builder,
        body: Body,
    ) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let answer = world.send(request.body(body).unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Agrees on the page of consent.
    pub(super) async fn allow(&mut self, world: &World, page: &Answer) -> Answer {
        self.decide(world, page, "allow").await
    }

    pub(super) async fn decide(&mut self, world: &World, page: &Answer, decision: &str) -> Answer {
        let transaction = page.transaction();
        self.post(world, "/authorize/consent", &[("transaction", &transaction), ("decision", decision)]).await
    }
}

impl SignIn {
    pub(super) async fn begin(world: &World) -> Self {
        Self::of(world.client().await)
    }

    pub(super) fn of(client: String) -> Self {
        Self { client, verifier: random::secret(), browser: Browser::default() }
    }

    /// The address at which a client begins, with some parameters changed, or removed if they are empty.
    pub(super) fn address(&self, changes: &[(&str, &str)]) -> String {
        let challenge = random::challenge(&self.verifier);
        let mut pairs: BTreeMap<&str, &str> = BTreeMap::from([
            ("response_type", "code"),
            ("client_id", &*self.client),
            ("redirect_uri", REDIRECT),
            ("state", STATE),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", RESOURCE),
        ]);
        for (name, value) in changes {
            pairs.insert(name, value);
        }
        pairs.retain(|_, value| !value.is_empty());
        let pairs: Vec<_> = pairs.into_iter().collect();
        format!("/authorize?{}", form(&pairs))
    }

    /// The page of consent.
    pub(super) async fn page(&mut self, world: &World) -> Answer {
        let address = self.address(&[]);
        let page = self.browser.get(world, &address).await;
        assert_eq!(page.status, 200, "{page:?}");
        page
    }

    /// Agrees, signs in over there, and comes back: what the client is told.
    pub(super) async fn arrive(&mut self, world: &World, authority: &Authority) -> Url {
        let page = self.page(world).await;
        let away = self.browser.allow(world, &page).await;
        assert_eq!(away.status, 303, "{away:?}");
        let back = authority.sign_in(&away.location()).await;
        let address = format!("{}?{}", back.path(), back.query().unwrap());
        self.browser.get(world, &address).await.location()
    }

    /// The code that comes of it.
    pub(super) async fn code(&mut self, world: &World, authority: &Authority) -> String {
        query(&self.arrive(world, authority).await).remove("code").expect("a code")
    }

    /// Exchanges a code, with some parameters changed, or removed if they are empty.
    pub(super) async fn redeem(&self, world: &World, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut pairs: BTreeMap<&str, &str> = BTreeMap::from([
            ("grant_type", "authorization_code"),
            ("client_id", &*self.client),
            ("redirect_uri", REDIRECT),
            ("code", code),
            ("code_verifier", &*self.verifier),
            ("resource", RESOURCE),
        ]);
        for (name, value) in changes {
            pairs.insert(name, value);
        }
        pairs.retain(|_, value| !value.is_empty());
        world.post("/token", &pairs.into_iter().collect::<Vec<_>>()).await
    }

    /// All the way: access token and refresh token.
    pub(super) async fn tokens(&mut self, world: &World, authority: &Authority) -> (String, String) {
        let code = self.code(world, authority).await;
        pair(&self.redeem(world, &code, &[]).await)
    }

    /// All the way with a key that is pasted.
    pub(super) async fn paste(&mut self, world: &World, key: &str) -> (String, String) {
        let page = self.page(world).await;
        let asked = self.browser.allow(world, &page).await;
        let transaction = asked.transaction();
        let pairs = [("transaction", transaction.as_str()), ("key", key), ("decision", "allow")];
        let back = self.browser.post(world, "/authorize/key", &pairs).await.location();
        pair(&self.redeem(world, &query(&back)["code"], &[]).await)
    }
}

/// The tokens of an answer.
pub(super) fn pair(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}
