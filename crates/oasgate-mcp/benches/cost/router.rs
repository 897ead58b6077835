//! Messages through the router alone, as they come and go behind a connection.

use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::Request;
use bytes::Bytes;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::runtime::{Builder, Runtime};

use crate::cases::Case;
use crate::clock::Clock;
use crate::{Cost, Failure, allocations, echo};

type App = TowerToHyperService<Router>;

/// The mean of CPU time in the best of ten runs, and the allocations.
pub(crate) fn measure(case: &Case) -> Result<Cost, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let app = TowerToHyperService::new(echo::router()?);
    for _ in 0..100 {
        let length = answers(&runtime, &app, vec![request(case)?])?;
        assert!(length >= case.at_least, "not the answer that was asked for: {length} bytes");
    }
    let clock = Clock::of_this_thread();
    let mut cpu = Duration::MAX;
    for _ in 0..10 {
        let requests = (0..case.rounds).map(|_| request(case)).collect::<Result<Vec<_>, _>>()?;
        let begun = clock.spent();
        answers(&runtime, &app, requests)?;
        cpu = cpu.min((clock.spent() - begun) / case.rounds);
    }
    let requests = vec![request(case)?];
    let (allocations, bytes, length) = allocations(1, || answers(&runtime, &app, requests));
    length?;
    Ok(Cost { cpu, allocations, bytes })
}

/// Has the requests answered, one after the other: how many bytes that makes.
fn answers(runtime: &Runtime, app: &App, requests: Vec<Request<Body>>) -> Result<usize, Failure> {
    runtime.block_on(async {
        let mut length = 0;
        for request in requests {
            length += answer(app, request).await?;
        }
        Ok(length)
    })
}

/// Reads the answer as a connection would, frame by frame: its length.
async fn answer(app: &App, request: Request<Body>) -> Result<usize, Failure> {
    let mut body = app.call(request).await?.into_body();
    let mut length = 0;
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        length += frame?.data_ref().map_or(0, Bytes::len);
    }
    Ok(length)
}

fn request(case: &Case) -> Result<Request<Body>, Failure> {
    let request = Request::post("/mcp");
    let request =
        case.headers().into_iter().fold(request, |request, (name, value)| request.header(name, value));
    Ok(request.body(Body::from(case.message.to_string()))?)
}
