//! A real MCP client, over either transport, in either era of the protocol.

use rmcp::model::{CallToolRequestParams, CallToolResult, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, RunningService};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{RoleClient, ServiceError};
use serde_json::Value;

use super::program::{Server, command};

pub(crate) type Client = RunningService<RoleClient, ()>;

/// A way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Http,
    Stdio,
}

/// An era of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

/// Every way to talk to a server.
pub(crate) const WAYS: [(Transport, Era); 4] = [
    (Transport::Http, Era::Legacy),
    (Transport::Http, Era::Modern),
    (Transport::Stdio, Era::Legacy),
    (Transport::Stdio, Era::Modern),
];

/// A client, and the server it talks to, which lives as long.
pub(crate) struct Connected {
    pub(crate) client: Client,
    server: Option<Server>,
}

impl Connected {
    /// What Linux says of the memory of a server over HTTP under this name, in KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self, name: &str) -> u64 {
        self.server.as_ref().unwrap().memory(name)
    }
}

/// Serves a description with these options, and connects to it.
pub(crate) async fn connect(
    (transport, era): (Transport, Era),
    description: &str,
    options: &[&str],
    environment: &[(&str, &str)],
) -> Connected {
    let environment = environment.iter().copied();
    match transport {
        Transport::Http => {
            let mut command = command(&["serve", description, "--listen", "127.0.0.1:0"]);
            command.args(options).envs(environment);
            let server = Server::start(command);
            Connected { client: over_http(&server.url, era).await, server: Some(server) }
        }
        Transport::Stdio => {
            let mut command = command(&["stdio", description]);
            command.args(options).envs(environment);
            let (process, _) = TokioChildProcess::builder(tokio::process::Command::from(command))
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
            Connected { client: ().serve_with_lifecycle(process, mode(era)).await.unwrap(), server: None }
        }
    }
}

pub(crate) async fn over_http(url: &str, era: Era) -> Client {
    let config = StreamableHttpClientTransportConfig::with_uri(url);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let transport = StreamableHttpClientTransport::with_client(http, config);
    ().serve_with_lifecycle(transport, mode(era)).await.unwrap()
}

pub(crate) fn mode(era: Era) -> ClientLifecycleMode {
    match era {
        Era::Legacy => ClientLifecycleMode::Initialize,
        Era::Modern => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::LATEST] },
    }
}

/// Calls a tool.
pub(crate) async fn call(
    client: &Client,
    tool: &str,
    arguments: Value,
) -> Result<CallToolResult, ServiceError> {
    let mut params = CallToolRequestParams::new(tool.to_owned());
    params.arguments = arguments.as_object().cloned();
    client.call_tool(params).await
}

/// All text of a result.
pub(crate) fn text(result: &CallToolResult) -> String {
    let texts = result.content.iter().filter_map(|content| content.as_text());
    texts.map(|text| text.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Calls a tool that must succeed, and gives what it answered as JSON.
pub(crate) async fn ask(client: &Client, tool: &str, arguments: Value) -> Value {
    let result = call(client, tool, arguments).await.unwrap();
    assert_ne!(result.is_error, Some(true), "{}", text(&result));
    result.structured_content.unwrap_or_default()
}
