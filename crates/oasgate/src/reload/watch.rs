//! Whether the documents of a description have changed since they were read.
//!
//! Files are told by time and length, and believed when they have kept still for a moment: editors and copying programs
//! write in several steps. Documents on the web are asked by condition (RFC 9110, 13.1), so that an unchanged one costs
//! its server a header.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use http::{Method, Request, StatusCode};
use tokio::time::sleep;
use url::Url;

use super::Pace;
use crate::source::{Seen, Stamp, Validators};
use crate::upstream::{Redirects, Upstream};

/// How long files must keep still before they are read.
const STILL: Duration = Duration::from_millis(200);

/// The documents of a description, as they were when they were last read.
#[derive(Debug)]
pub(super) struct Watch {
    files: Vec<(PathBuf, Stamp)>,
    web: Vec<(Url, Validators)>,
    pace: Pace,
    upstream: Upstream,
}

impl Watch {
    pub(super) fn new(seen: Vec<Seen>, pace: Pace, upstream: Upstream) -> Self {
        let mut watch = Self { files: Vec::new(), web: Vec::new(), pace, upstream };
        watch.is_now(seen);
        watch
    }

    /// These are the documents from now on.
    pub(super) fn is_now(&mut self, seen: Vec<Seen>) {
        self.files.clear();
        self.web.clear();
        self.add(seen);
    }

    /// These cannot be used. They are looked at along with those that can, and no complaint is made twice.
    pub(super) fn has_failed(&mut self, seen: Vec<Seen>) {
        self.files.iter_mut().for_each(|(path, stamp)| *stamp = Stamp::of(path));
        self.add(seen);
    }

    /// Done when a document has changed. It may be dropped and asked again.
    pub(super) async fn changed(&mut self) {
        let (files, web) = (self.files.clone(), &mut self.web);
        tokio::select! {
            () = file_changed(files, self.pace.files) => {}
            () = page_changed(web, self.pace.web, &self.upstream) => {}
        }
    }

    fn add(&mut self, seen: Vec<Seen>) {
        for document in seen {
            match document {
                Seen::File(path, stamp) => {
                    self.files.retain(|(known, _)| *known != path);
                    self.files.push((path, stamp));
                }
                Seen::Web(url, validators) => {
                    self.web.retain(|(known, _)| *known != url);
                    self.web.push((url, validators));
                }
            }
        }
    }
}

async fn file_changed(files: Vec<(PathBuf, Stamp)>, pace: Option<Duration>) {
    let (Some(pace), false) = (pace, files.is_empty()) else { return std::future::pending().await };
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    let known: Vec<Stamp> = files.into_iter().map(|(_, stamp)| stamp).collect();
    loop {
        sleep(pace).await;
        let mut now = stamps(&paths).await;
        if now == known {
            continue;
        }
        loop {
            sleep(STILL).await;
            let then = std::mem::replace(&mut now, stamps(&paths).await);
            if then == now {
                break;
            }
        }
        // What was undone meanwhile has not changed.
        if now != known {
            return;
        }
    }
}

/// A disk may be slow, or far away.
async fn stamps(paths: &[PathBuf]) -> Vec<Stamp> {
    let paths = paths.to_vec();
    let look = move || paths.iter().map(|path| Stamp::of(path)).collect();
    tokio::task::spawn_blocking(look).await.unwrap_or_default()
}

async fn page_changed(pages: &mut [(Url, Validators)], pace: Option<Duration>, upstream: &Upstream) {
    let (Some(pace), false) = (pace, pages.is_empty()) else { return std::future::pending().await };
    loop {
        sleep(pace).await;
        for (url, known) in &mut *pages {
            if let Some(now) = ask(url, known, upstream).await {
                let has_changed = now.digest != known.digest;
                *known = now;
                if has_changed {
                    return;
                }
            }
        }
    }
}

/// What a document is known by now, if it may be another one. One that cannot be had is as it was.
async fn ask(url: &Url, known: &Validators, upstream: &Upstream) -> Option<Validators> {
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = url.as_str().parse().ok()?;
    let conditions = [(IF_NONE_MATCH, &known.etag), (IF_MODIFIED_SINCE, &known.last_modified)];
    for (name, value) in conditions {
        request.headers_mut().extend(value.clone().map(|value| (name, value)));
    }
    match upstream.send(request, Redirects::SameHost).await {
        Ok(answer) if answer.status() == StatusCode::NOT_MODIFIED => None,
        Ok(answer) if answer.status().is_success() => Some(Validators::of(answer.headers(), answer.body())),
        Ok(answer) => {
            tracing::warn!(status = %answer.status(), "whether the description has changed is not known");
            None
        }
        Err(fault) => {
            tracing::warn!("whether the description has changed is not known: {}", fault.reason());
            None
        }
    }
}
