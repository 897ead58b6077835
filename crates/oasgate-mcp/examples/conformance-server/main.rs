//! The server that the official conformance suite asks for: one tool, prompt or resource for each thing it looks at.
//! What they are called and what they say is the suite's; `tests/conformance/run` holds this server to it.
//!
//! ```sh
//! cargo run -p oasgate-mcp --example conformance-server                    # stdio
//! cargo run -p oasgate-mcp --example conformance-server 127.0.0.1:8080     # http://127.0.0.1:8080/mcp
//! ```

use std::io;
use std::sync::Arc;

use oasgate_mcp::{http, stdio};
use tokio::net::TcpListener;

mod fixture;

use fixture::Fixture;

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let fixture = Arc::new(Fixture::new()?);
    let Some(address) = std::env::args().nth(1) else {
        return stdio::serve(fixture, tokio::io::stdin(), tokio::io::stdout(), stdio::Options::default())
            .await;
    };
    let listener = TcpListener::bind(address).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let mut options = http::Options::default();
    // The suite asks legacy clients for things, which takes a session.
    options.sessions = 64;
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    http::serve(listener, http::router(fixture, options), http::ServeOptions::default(), interrupted).await
}
