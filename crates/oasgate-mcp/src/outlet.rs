//! What a request tells while it is worked on: progress and log messages, as far as its client has asked for them.
//! Knows no transport beyond a queue of frames.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::json;
use crate::level::LogLevel;
use crate::reply::Frames;

/// How many messages of a request wait for a slow client before more are left out.
pub(crate) const QUEUE: usize = 64;

/// The way out for one request. When the client is slower than the handler, messages are left out instead of
/// holding up the work.
#[derive(Debug)]
pub(crate) struct Outlet {
    frames: mpsc::Sender<Frames>,
    /// What the client wants progress reported under.
    token: Option<Box<RawValue>>,
    /// From which level on the client wants log messages.
    level: Option<LogLevel>,
    open: AtomicBool,
    /// The last progress told.
    last: Mutex<f64>,
}

impl Outlet {
    pub(crate) fn new(
        frames: mpsc::Sender<Frames>,
        token: Option<Box<RawValue>>,
        level: Option<LogLevel>,
    ) -> Self {
        Self { frames, token, level, open: AtomicBool::new(true), last: Mutex::new(f64::NEG_INFINITY) }
    }

    pub(crate) fn wants_progress(&self) -> bool {
        self.token.is_some()
    }

    pub(crate) fn wants_log(&self, level: LogLevel) -> bool {
        self.level.is_some_and(|least| level >= least)
    }

    /// 2026-07-28, basic/patterns/progress.mdx: it must increase, and stop when the request is done.
    pub(crate) fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        let Some(token) = &self.token else { return };
        if !progress.is_finite() || !self.advance(progress) {
            return;
        }
        let total = total.filter(|total| total.is_finite());
        self.notify("notifications/progress", &Progress { progress_token: token, progress, total, message });
    }

    /// 2026-07-28, server/utilities/logging.mdx: nothing unless the request asks for it, and nothing below its level.
    pub(crate) fn log(&self, level: LogLevel, logger: Option<&str>, data: &(impl Serialize + ?Sized)) {
        if self.wants_log(level) {
            self.notify("notifications/message", &Message { level: level.as_str(), logger, data });
        }
    }

    /// Lets nothing more out: what comes after the response belongs to nothing.
    pub(crate) fn close(&self) {
        self.open.store(false, Ordering::Release);
    }

    fn advance(&self, progress: f64) -> bool {
        let Ok(mut last) = self.last.lock() else { return false };
        let advances = progress > *last;
        if advances {
            *last = progress;
        }
        advances
    }

    fn notify(&self, method: &str, params: &impl Serialize) {
        if self.open.load(Ordering::Acquire) && self.frames.try_send(notification(method, params)).is_err() {
            tracing::debug!(method, "left out: the client is too slow, or gone");
        }
    }
}

/// A JSON-RPC notification.
pub(crate) fn notification(method: &str, params: &impl Serialize) -> Frames {
    let mut out = Vec::with_capacity(192);
    out.extend_from_slice(br#"{"jsonrpc":"2.0","method":"#);
    json::push(&mut out, method);
    out.extend_from_slice(br#","params":"#);
    json::push(&mut out, params);
    out.push(b'}');
    Frames::one(out)
}

/// 2026-07-28, schema, `ProgressNotificationParams`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Progress<'a> {
    progress_token: &'a RawValue,
    progress: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// 2026-07-28, schema, `LoggingMessageNotificationParams`.
#[derive(Serialize)]
struct Message<'a, T: ?Sized> {
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    logger: Option<&'a str>,
    data: &'a T,
}
