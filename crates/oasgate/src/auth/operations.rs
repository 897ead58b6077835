//! The API as something that tries credentials, and deletes keys: by operations of its description.

use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::StatusCode;
use oasgate_auth::{Secret, Verified};
use oasgate_tools::Catalog;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::config::Trial;
use crate::exit::Failure;
use crate::server::Server;

/// Which operations do it, and the server that has them.
#[derive(Debug)]
pub(super) struct Operations {
    trial: Option<Trial>,
    removal: Option<(String, String)>,
    server: OnceLock<Weak<Server>>,
}

impl Operations {
    /// # Errors
    /// The description does not have the operations.
    pub(super) fn new(
        trial: Option<Trial>,
        removal: Option<(String, String)>,
        catalog: &Catalog,
    ) -> Result<Self, Failure> {
        let named = trial.iter().map(|trial| ("verify", &trial.operation));
        for (what, operation) in named.chain(removal.iter().map(|(operation, _)| ("revoke", operation))) {
            if catalog.get(operation).is_none() {
                let nearest = catalog.nearest(operation).map(|near| format!("; there is `{near}`"));
                return Err(Failure::Usage(format!(
                    "`{what}.operation`: no tool is made of an operation `{operation}`{}",
                    nearest.unwrap_or_default()
                )));
            }
        }
        Ok(Self { trial, removal, server: OnceLock::new() })
    }

    /// The server whose description is called. Before this, nothing can be tried.
    pub(super) fn begin(&self, server: &Arc<Server>) {
        drop(self.server.set(Arc::downgrade(server)));
    }

    /// Whether the operation that tries credentials takes this one, or cannot be asked. No, if there is none.
    pub(super) async fn may_be_good(&self, credential: &Secret) -> bool {
        self.trial.is_some() && self.verified(credential).await != Verified::Bad
    }

    async fn call(
        &self,
        operation: &str,
        arguments: Value,
        credential: &Secret,
    ) -> Result<(StatusCode, Bytes), String> {
        let server = self.server.get().and_then(Weak::upgrade).ok_or("the server has not begun")?;
        let arguments: Box<RawValue> =
            serde_json::value::to_raw_value(&arguments).map_err(|error| error.to_string())?;
        let answer = server.offer().caller().with(operation, &arguments, credential).await?;
        Ok((answer.status(), answer.into_body()))
    }

    async fn verified(&self, credential: &Secret) -> Verified {
        let Some(trial) = &self.trial else { return Verified::Good { subject: None } };
        match self.call(&trial.operation, json!({}), credential).await {
            Ok((status, body)) if status.is_success() => Verified::Good { subject: subject(trial, &body) },
            Ok((StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _)) => Verified::Bad,
            Ok((status, _)) => Verified::Unknown(format!("`{}` answered {status}", trial.operation)),
            Err(reason) => Verified::Unknown(reason),
        }
    }

    async fn removed(&self, key_id: &str, credential: &Secret) {
        let Some((operation, argument)) = &self.removal else { return };
        let told = match self.call(operation, json!({ argument.as_str(): key_id }), credential).await {
            Ok((status, _)) if status.is_success() || status == StatusCode::NOT_FOUND => return,
            Ok((status, _)) => status.to_string(),
            Err(reason) => reason,
        };
        tracing::warn!(operation, told, "a key that is no longer needed could not be deleted at the API");
    }
}

impl oasgate_auth::Operations for Operations {
    fn verify<'a>(&'a self, credential: &'a Secret) -> BoxFuture<'a, Verified> {
        self.verified(credential).boxed()
    }

    fn revoke<'a>(&'a self, key_id: &'a str, credential: &'a Secret) -> BoxFuture<'a, ()> {
        self.removed(key_id, credential).boxed()
    }
}

/// What tells users apart, in the answer: a text or a number.
fn subject(trial: &Trial, body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    match answer.pointer(trial.subject.as_deref()?)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
