//! Calls that the API has taken on and will do later (RFC 9110, 15.3.3): where it tells how they go, whether they are
//! done, and when to ask again. Reads answers, and sends nothing.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LOCATION, LOCATION};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use oasgate_tools::Plan;
use serde_json::{Map, Value};
use url::Url;

use crate::upstream::retry_after;

#[cfg(test)]
mod tests;

/// Where the status of an operation is, in the APIs that tell it apart from where its result will be.
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");

/// What an API says of an operation that is not done yet, in the words of those that say it in a body.
const UNFINISHED: [&str; 15] = [
    "accepted",
    "creating",
    "deleting",
    "executing",
    "inprogress",
    "notstarted",
    "pending",
    "processing",
    "provisioning",
    "queued",
    "running",
    "scheduled",
    "started",
    "updating",
    "working",
];

/// When to ask for the first time, where the API does not say; each further time it is twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait, where the API does not say.
const LONGEST: Duration = Duration::from_secs(30);
/// Between these an API may choose.
const BOUNDS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(300));

/// A call that the API has taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Where it tells how the call goes. It is on the origin of the call.
    monitor: Url,
    /// What was called.
    call: Uri,
    wait: Option<Duration>,
    asked: u32,
}

impl Pending {
    /// What `answer` to a request for `uri` says; none if that is the result, or leads to another origin: credentials
    /// must not go there.
    pub(super) fn of(answer: &Response<Bytes>, uri: &Uri) -> Option<Self> {
        if answer.status() != StatusCode::ACCEPTED {
            return None;
        }
        let monitor = monitor(answer, &Url::parse(&uri.to_string()).ok()?)?;
        Some(Self { monitor, call: uri.clone(), wait: wait(answer), asked: 0 })
    }

    /// What the monitor answers; none if that is the result.
    pub(super) fn after(&self, answer: &Response<Bytes>) -> Option<Self> {
        let goes_on = match answer.status() {
            StatusCode::ACCEPTED | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
            StatusCode::OK => is_unfinished(answer.body()),
            _ => false,
        };
        let monitor = || monitor(answer, &self.monitor).unwrap_or_else(|| self.monitor.clone());
        goes_on.then(|| Self {
            monitor: monitor(),
            call: self.call.clone(),
            wait: wait(answer),
            asked: self.asked.saturating_add(1),
        })
    }

    /// A request to the monitor. It has no credentials yet.
    pub(super) fn request(&self, plan: &Plan) -> Option<Request<Bytes>> {
        let mut request = Request::get(self.monitor.as_str());
        if let Ok(accept) = HeaderValue::from_str(&plan.accept)
            && !accept.is_empty()
        {
            request = request.header(ACCEPT, accept);
        }
        request.body(Bytes::new()).ok()
    }

    /// What was called.
    pub(super) fn call(&self) -> &Uri {
        &self.call
    }

    /// How long to wait before the monitor is asked.
    pub(super) fn wait(&self) -> Duration {
        let own = || FIRST.saturating_mul(2_u32.saturating_pow(self.asked)).min(LONGEST);
        self.wait.map_or_else(own, |wait| wait.clamp(BOUNDS.0, BOUNDS.1))
    }
}

/// RFC 9110, 15.3.3, leaves open how an answer points to its monitor; these are the fields in use, the surest first.
fn monitor(answer: &Response<Bytes>, url: &Url) -> Option<Url> {
    [OPERATION_LOCATION, LOCATION, CONTENT_LOCATION].iter().find_map(|name| {
        let to = url.join(answer.headers().get(name)?.to_str().ok()?).ok()?;
        let is_here = to.origin() == url.origin() && to.username().is_empty() && to.password().is_none();
        is_here.then_some(to)
    })
}

fn wait(answer: &Response<Bytes>) -> Option<Duration> {
    retry_after(answer.headers(), SystemTime::now())
}

/// Whether a status document says that the operation still runs. A word that is not known is a result: a thing that was
/// made may have a status of its own.
fn is_unfinished(body: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<Map<String, Value>>(body) else { return false };
    let status = document.get("status").or_else(|| document.get("state")).and_then(Value::as_str);
    status.is_some_and(|status| {
        let letters = status.chars().filter(char::is_ascii_alphanumeric);
        let word = letters.map(|letter| letter.to_ascii_lowercase()).collect::<String>();
        UNFINISHED.contains(&word.as_str())
    })
}
