//! An example, as it is configured but for its ports: its upstream in this process, oasgate as the program it is.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

use portal_key::Company as Portal;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::program::{Server, command, root, terminate_server};

/// The secret of oasgate at the portal and at the company.
pub(super) const SECRET: &str = "secret-of-oasgate-0123456789";
/// The API key of `ada`.
pub(super) const API_KEY: &str = "co_0123456789abcdef0123";
/// Calls that the company allows each user.
pub(super) const CALLS: u32 = 20;

pub(super) struct Stage {
    site: Site,
    server: Server,
    upstream: Upstream,
    folder: TempDir,
}

/// A server as clients see it.
#[derive(Clone)]
pub(super) struct Site {
    /// Of the server.
    pub(super) origin: String,
    /// Of the MCP endpoint.
    pub(super) url: String,
    http: reqwest::Client,
}

pub(super) enum Upstream {
    Portal(Portal),
    Company(company_api::Company),
    /// One that the test has at hand.
    Own,
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: reqwest::header::HeaderMap,
    pub(super) body: String,
}

/// `examples/portal-key`, with more in its `[auth.inbound.broker]`.
pub(super) async fn portal(more: &str) -> Stage {
    portal_of("prod", more).await
}

/// The same, with a portal that mints keys for this environment.
pub(super) async fn portal_minting(environment: &str) -> Stage {
    portal_of(environment, "").await
}

async fn portal_of(minted: &str, more: &str) -> Stage {
    let portal = Portal::new("prod", minted, SECRET);
    let router = portal.router();
    Stage::open("portal-key", 9101, router, Upstream::Portal(portal), more).await
}

/// `examples/company-api`, with more in its `[auth.inbound.broker]`.
pub(super) async fn company(more: &str) -> Stage {
    let settings = company_api::Settings { calls: CALLS, ..company_api::Settings::default() };
    let company = company_api::Company::new(SECRET, API_KEY, settings);
    let router = company.router();
    Stage::open("company-api", 9102, router, Upstream::Company(company), more).await
}

impl Stage {
    async fn open(example: &str, port: u16, router: axum::Router, upstream: Upstream, more: &str) -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let api = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let folder = tempfile::tempdir().unwrap();
        let own = free_port();
        for file in ["oasgate.toml", "openapi.yaml"] {
            let text = fs::read_to_string(root().join("examples").join(example).join(file)).unwrap();
            let text = text.replace(&port.to_string(), &api.to_string()).replace("8080", &own.to_string());
            let text = text.replace("[auth.inbound.broker]\n", &format!("[auth.inbound.broker]\n{more}\n"));
            fs::write(folder.path().join(file), text).unwrap();
        }
        Self::begin(folder, upstream)
    }

    /// The server of the configuration in a folder.
    pub(super) fn begin(folder: TempDir, upstream: Upstream) -> Self {
        let config = folder.path().join("oasgate.toml");
        let mut command = command(&["serve", "--config", config.to_str().unwrap()]);
        command.env("PORTAL_CLIENT_SECRET", SECRET).env("COMPANY_CLIENT_SECRET", SECRET);
        command.env("OASGATE_LOG", "trace").env("ROBOT_SECRET", super::own::ROBOT_SECRET);
        let server = Server::start(command);
        Self { site: Site::new(server.reported("public URL")), server, upstream, folder }
    }

    /// The same server, begun anew.
    pub(super) async fn restarted(self) -> Self {
        let Self { server, upstream, folder, .. } = self;
        terminate_server(server);
        Self::begin(folder, upstream)
    }

    /// Ends the server: what it has kept, as bytes, and what it has said at the level TRACE.
    pub(super) async fn end(self) -> (Vec<u8>, String) {
        let said = terminate_server(self.server);
        let files = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let of_store = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().contains(".db");
        let kept = files.filter(of_store).flat_map(|path| fs::read(path).unwrap()).collect();
        (kept, said)
    }

    pub(super) fn portal(&self) -> &Portal {
        match &self.upstream {
            Upstream::Portal(portal) => portal,
            Upstream::Company(_) | Upstream::Own => panic!("this is another's"),
        }
    }

    pub(super) fn company(&self) -> &company_api::Company {
        match &self.upstream {
            Upstream::Company(company) => company,
            Upstream::Portal(_) | Upstream::Own => panic!("this is another's"),
        }
    }
}

impl Deref for Stage {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Site {
    /// The one whose MCP endpoint has this URL. Every request has a connection of its own.
    pub(super) fn new(url: &str) -> Self {
        let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { origin, url: url.to_owned(), http }
    }

    /// Posts a message to the endpoint.
    pub(super) async fn post(&self, token: Option<&str>, method: &str, params: Value) -> Answer {
        self.try_post(token, method, params).await.unwrap()
    }

    /// The same, at a server that may be gone.
    pub(super) async fn try_post(
        &self,
        token: Option<&str>,
        method: &str,
        params: Value,
    ) -> reqwest::Result<Answer> {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-06-18")
            .body(message.to_string());
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        Answer::try_of(request.send().await?).await
    }

    /// Calls a tool: its result.
    pub(super) async fn call(&self, token: &str, name: &str, arguments: Value) -> Value {
        let answer =
            self.post(Some(token), "tools/call", json!({ "name": name, "arguments": arguments })).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        answer.json()["result"].clone()
    }

    pub(super) async fn get(&self, url: &str) -> Answer {
        Answer::of(self.http.get(url).send().await.unwrap()).await
    }

    pub(super) async fn request(&self, method: &str, url: &str) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Answer::of(self.http.request(method, url).send().await.unwrap()).await
    }

    pub(super) async fn form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.try_form(path, form).await.unwrap()
    }

    /// The same, at a server that may be gone.
    pub(super) async fn try_form(&self, path: &str, form: &[(&str, &str)]) -> reqwest::Result<Answer> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(format!("{}{path}", self.origin)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        Answer::try_of(request.send().await?).await
    }

    pub(super) async fn json(&self, path: &str, body: &Value) -> Answer {
        let request = self.http.post(format!("{}{path}", self.origin)).body(body.to_string());
        Answer::of(request.header("content-type", "application/json").send().await.unwrap()).await
    }

    /// Waits until something is so; what a server does in its own time has ten seconds for it.
    pub(super) async fn until(&self, is_so: impl AsyncFn() -> bool) {
        for _ in 0..100 {
            if is_so().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it never came about");
    }
}

impl Answer {
    async fn of(answer: reqwest::Response) -> Self {
        Self::try_of(answer).await.unwrap()
    }

    async fn try_of(answer: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Self { status, headers, body: answer.text().await? })
    }

    pub(super) fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// A port that is free now. Its URL must be known before the server begins, so that port 0 would not do.
pub(super) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
