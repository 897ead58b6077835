//! What a listener is sent: the changes it wants, in the form of its era. Knows no transport; whoever holds a
//! [`Listening`] asks for one message after the other.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::about::About;
use crate::changes::{Change, Changes, Kinds};
use crate::fault::Fault;
use crate::json;
use crate::outlet::notification;
use crate::reply::Frames;
use crate::session::{MAX_SUBSCRIPTIONS, Session};

#[cfg(test)]
mod tests;

/// What a client wants to hear of (2026-07-28, schema, `SubscriptionFilter`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Filter {
    #[serde(skip_serializing_if = "is_false")]
    tools_list_changed: bool,
    #[serde(skip_serializing_if = "is_false")]
    prompts_list_changed: bool,
    #[serde(skip_serializing_if = "is_false")]
    resources_list_changed: bool,
    #[serde(skip_serializing_if = "HashSet::is_empty")]
    resource_subscriptions: HashSet<Box<str>>,
}

impl Filter {
    /// Reads the parameter `notifications`.
    ///
    /// # Errors
    /// -32602 when it is no filter, or one for more resources than anybody needs.
    pub(crate) fn read(raw: Option<&RawValue>) -> Result<Self, Fault> {
        let invalid = |reason: &str| Fault::InvalidParams(format!("`params.notifications` {reason}"));
        let raw = raw.filter(|raw| json::is_object(raw)).ok_or_else(|| invalid("must be an object"))?;
        let filter: Self =
            serde_json::from_str(raw.get()).map_err(|error| invalid(&format!("is no filter: {error}")))?;
        if filter.resource_subscriptions.len() > MAX_SUBSCRIPTIONS {
            return Err(invalid(&format!("may name {MAX_SUBSCRIPTIONS} resources at most")));
        }
        Ok(filter)
    }

    /// What of it can be had ("Acknowledgment": what isn't supported is left out).
    fn limited_to(mut self, kinds: Kinds) -> Self {
        self.tools_list_changed &= kinds.tools;
        self.prompts_list_changed &= kinds.prompts;
        self.resources_list_changed &= kinds.resources;
        if !kinds.updates {
            self.resource_subscriptions.clear();
        }
        self
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub(crate) struct Listening {
    listener: Listener,
    news: Receiver<Change>,
    queue: VecDeque<Frames>,
    has_ended: bool,
    /// Whether there is no stream of its own whose end would tell.
    is_shared: bool,
}

#[derive(Debug)]
enum Listener {
    /// A `subscriptions/listen` (2026-07-28, basic/patterns/subscriptions.mdx).
    Subscription { id: Box<RawValue>, filter: Filter, about: Arc<About> },
    /// A legacy client, which hears of all lists, and of the resources it has subscribed to.
    Session(Arc<Session>),
}

impl Listening {
    /// Begins a subscription; the first message acknowledges it.
    pub(crate) fn subscribe(id: &RawValue, filter: Filter, changes: &Changes, about: Arc<About>) -> Self {
        let filter = filter.limited_to(changes.kinds());
        let news = changes.listen();
        let acknowledged = Acknowledged { meta: SubscriptionMeta { id }, notifications: &filter };
        let queue = [notification("notifications/subscriptions/acknowledged", &acknowledged)].into();
        Self {
            listener: Listener::Subscription { id: id.to_owned(), filter, about },
            news,
            queue,
            has_ended: false,
            is_shared: false,
        }
    }

    /// Listens for a legacy client.
    pub(crate) fn of_session(session: Arc<Session>, changes: &Changes) -> Self {
        let (listener, news) = (Listener::Session(session), changes.listen());
        Self { listener, news, queue: VecDeque::new(), has_ended: false, is_shared: false }
    }

    /// For a channel that all messages share: the end is said there.
    pub(crate) fn on_shared_channel(self) -> Self {
        Self { is_shared: true, ..self }
    }

    /// The next message, or none when there won't be any more. It may be dropped and asked again.
    pub(crate) async fn next(&mut self) -> Option<Frames> {
        loop {
            if let Some(frames) = self.queue.pop_front() {
                return Some(frames);
            }
            if self.has_ended {
                return None;
            }
            match self.news.recv().await {
                Ok(change) => self.tell(&change),
                Err(RecvError::Lagged(_)) => self.tell_everything(),
                Err(RecvError::Closed) => self.end(),
            }
        }
    }

    /// Ends it from the side of the server: what is left are the messages that wait, and the result of the request
    /// (2026-07-28, basic/patterns/subscriptions.mdx, "Graceful Closure"). On a shared channel the end is said before
    /// that (schema, `CancelledNotification`): a result that comes after it may be ignored, and one before it would end
    /// what is then cancelled.
    pub(crate) fn end(&mut self) {
        if let (Listener::Subscription { id, about, .. }, false) = (&self.listener, self.has_ended) {
            if self.is_shared {
                let meta = SubscriptionMeta { id };
                let cancelled = Cancelled { meta, request_id: id, reason: "the server ends" };
                self.queue.push_back(notification("notifications/cancelled", &cancelled));
            }
            self.queue.push_back(result(id, about));
        }
        self.has_ended = true;
    }

    fn tell(&mut self, change: &Change) {
        let (is_wanted, id) = match &self.listener {
            Listener::Subscription { id, filter, .. } => {
                let is_wanted = match change {
                    Change::Tools => filter.tools_list_changed,
                    Change::Prompts => filter.prompts_list_changed,
                    Change::Resources => filter.resources_list_changed,
                    Change::Resource(uri) => filter.resource_subscriptions.contains(&**uri),
                };
                (is_wanted, Some(&**id))
            }
            Listener::Session(session) => {
                (!matches!(change, Change::Resource(uri) if !session.is_subscribed(uri)), None)
            }
        };
        if is_wanted {
            self.queue.push_back(news(change, id));
        }
    }

    /// For a listener that has missed some.
    fn tell_everything(&mut self) {
        let uris: Vec<Box<str>> = match &self.listener {
            Listener::Subscription { filter, .. } => filter.resource_subscriptions.iter().cloned().collect(),
            Listener::Session(session) => session.subscriptions(),
        };
        for change in [Change::Tools, Change::Prompts, Change::Resources] {
            self.tell(&change);
        }
        for uri in uris {
            self.tell(&Change::Resource(uri.into()));
        }
    }
}

/// A change as a notification; legacy ones belong to no subscription.
fn news(change: &Change, id: Option<&RawValue>) -> Frames {
    let (method, uri) = match change {
        Change::Tools => ("notifications/tools/list_changed", None),
        Change::Prompts => ("notifications/prompts/list_changed", None),
        Change::Resources => ("notifications/resources/list_changed", None),
        Change::Resource(uri) => ("notifications/resources/updated", Some(&**uri)),
    };
    notification(method, &News { meta: id.map(|id| SubscriptionMeta { id }), uri })
}

/// 2026-07-28, schema, `SubscriptionsListenResult`.
fn result(id: &RawValue, about: &About) -> Frames {
    let (id, mut out) = (id.get().as_bytes(), Vec::with_capacity(256));
    out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    out.extend_from_slice(id);
    out.extend_from_slice(
        br#","result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":"#,
    );
    out.extend_from_slice(id);
    out.extend_from_slice(br#","io.modelcontextprotocol/serverInfo":"#);
    out.extend_from_slice(about.serialised());
    out.extend_from_slice(b"}}}");
    Frames::one(out)
}

#[derive(Serialize)]
struct Acknowledged<'a> {
    #[serde(rename = "_meta")]
    meta: SubscriptionMeta<'a>,
    notifications: &'a Filter,
}

#[derive(Serialize)]
struct News<'a> {
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<SubscriptionMeta<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cancelled<'a> {
    #[serde(rename = "_meta")]
    meta: SubscriptionMeta<'a>,
    request_id: &'a RawValue,
    reason: &'static str,
}

#[derive(Serialize)]
struct SubscriptionMeta<'a> {
    #[serde(rename = "io.modelcontextprotocol/subscriptionId")]
    id: &'a RawValue,
}

fn is_false(value: &bool) -> bool {
    !*value
}
