//! Requests to legacy clients while a request of theirs is worked on (2025-11-25, client/elicitation.mdx and its
//! siblings), and the responses, which come as messages of their own. Modern clients are never asked this way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::capabilities::ClientFeature;
use crate::envelope::Response;
use crate::input::InputRequest;
use crate::json;
use crate::reply::Frames;
use crate::seal::unguessable;

#[cfg(test)]
mod tests;

/// All requests that wait for a response. Their ids can't be guessed, so whoever names one has been asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asks(Arc<Mutex<HashMap<Box<str>, oneshot::Sender<Answer>>>>);

/// The result, or what the error says.
type Answer = Result<Box<RawValue>, String>;

impl Asks {
    /// Hands a response to whoever waits for it. One that nobody waits for comes too late, and is ignored.
    pub(crate) fn answer(&self, response: &Response<'_>) {
        let Some(id) = response.id.and_then(json::string) else { return };
        let Some(waiting) = self.with(|all| all.remove(&*id)) else {
            tracing::debug!("a response that nobody waits for");
            return;
        };
        // Fails when the request that asked has ended.
        let _ = waiting.send(response.outcome());
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Box<str>, oneshot::Sender<Answer>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How one request asks its client.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) asks: Asks,
    /// The stream of the request that asks.
    pub(crate) frames: mpsc::Sender<Frames>,
    /// How long a user may take.
    pub(crate) patience: Duration,
}

impl Asking {
    /// Asks everything at once, and waits for all answers.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn ask(
        &self,
        requests: Vec<(String, InputRequest)>,
    ) -> Result<HashMap<String, Box<RawValue>>, String> {
        let mut waiting = Vec::with_capacity(requests.len());
        for (key, request) in requests {
            waiting.push((key, request.method, self.send(&request).await?));
        }
        let all = async {
            let mut answers = HashMap::with_capacity(waiting.len());
            for (key, method, mut waiting) in waiting {
                let answer = (&mut waiting.answer).await.map_err(|_| "gone".to_owned()).flatten();
                let answer =
                    answer.map_err(|reason| format!("the client did not answer {method}: {reason}"))?;
                answers.insert(key, answer);
            }
            Ok(answers)
        };
        timeout(self.patience, all)
            .await
            .unwrap_or_else(|_| Err("the client did not answer in time".to_owned()))
    }

    async fn send(&self, request: &InputRequest) -> Result<Waiting, String> {
        let id = unguessable().ok_or("the system has no randomness to give")?;
        let (sender, answer) = oneshot::channel();
        self.asks.with(|all| all.insert(id.as_str().into(), sender));
        let waiting = Waiting { asks: self.asks.clone(), id, answer };
        let frames = Frames::one(written(&waiting.id, request));
        self.frames.send(frames).await.map_err(|_| "the client is gone".to_owned())?;
        Ok(waiting)
    }
}

/// A request that waits for its response; it is forgotten when nobody waits any more.
struct Waiting {
    asks: Asks,
    id: String,
    answer: oneshot::Receiver<Answer>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.asks.with(|all| all.remove(self.id.as_str()));
    }
}

fn written(id: &str, request: &InputRequest) -> Vec<u8> {
    let mut out = Vec::with_capacity(request.params.len() + 128);
    out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    json::push(&mut out, id);
    out.extend_from_slice(br#","method":"#);
    json::push(&mut out, request.method);
    out.extend_from_slice(br#","params":"#);
    if request.needs == ClientFeature::ElicitationUrl {
        // 2025-11-25, schema, `ElicitRequestURLParams`: there each has an id of its own.
        out.extend_from_slice(br#"{"elicitationId":"#);
        json::push(&mut out, id);
        out.push(b',');
        out.extend_from_slice(request.params.strip_prefix('{').unwrap_or("}").as_bytes());
    } else {
        out.extend_from_slice(request.params.as_bytes());
    }
    out.push(b'}');
    out
}
