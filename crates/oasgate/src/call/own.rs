//! What callers have of their own, by signing in here or on this machine: had before a call, and had anew when the API
//! refuses it.

use bytes::Bytes;
use http::Response;
use oasgate_auth::{Identity, Secret};
use oasgate_tools::Plan;
use serde_json::value::RawValue;

use super::Caller;
use crate::credential::Show;
use crate::upstream::Redirects;

impl Caller {
    /// What goes upstream for who calls; none if that is everybody's.
    ///
    /// # Errors
    /// What to tell the model: nothing is sent then.
    pub(super) async fn own(
        &self,
        plan: &Plan,
        identity: Option<&Identity>,
    ) -> Result<Option<Secret>, String> {
        let (Some(sign_in), Some(identity)) = (&self.sign_in, identity) else {
            let login = self.login.as_ref().filter(|login| login.serves(&plan.security));
            let Some(login) = login else { return Ok(None) };
            return login.token().await.map(Some).map_err(|unusable| unusable.to_string());
        };
        if let Some(needed) = sign_in.lacking(identity, &plan.security) {
            return Err(format!(
                "the sign-in does not cover this call: it needs the scope {}. No argument can mend this; the user can sign in \
                 again and agree to it.",
                needed.join(" ")
            ));
        }
        if !self.credentials.are_callers() {
            return Ok(None);
        }
        sign_in.credential(identity).await.map_err(|error| format!("Nothing was sent: {error}."))
    }

    /// What goes upstream instead of what was refused; none if there is nothing else.
    ///
    /// # Errors
    /// What to tell the model.
    pub(super) async fn renewed(
        &self,
        identity: Option<&Identity>,
        refused: &Secret,
    ) -> Result<Option<Secret>, String> {
        let (Some(sign_in), Some(identity)) = (&self.sign_in, identity) else {
            let Some(login) = &self.login else { return Ok(None) };
            return login.renewed(refused).await.map(Some).map_err(|unusable| unusable.to_string());
        };
        let fresh = sign_in.renewed(identity, refused).await;
        fresh.map_err(|error| format!("The API no longer takes the credential: {error}."))
    }

    /// What was renewed is refused, too.
    pub(super) async fn refused_again(&self, identity: Option<&Identity>, fresh: &Secret) {
        if let (Some(sign_in), Some(identity)) = (&self.sign_in, identity) {
            sign_in.refused_again(identity, fresh).await;
        }
    }

    /// Calls an operation with this credential, for what it tells of the credential: its answer as it came.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn with(
        &self,
        operation: &str,
        arguments: &RawValue,
        credential: &Secret,
    ) -> Result<Response<Bytes>, String> {
        let tool = self.catalog.get(operation).ok_or("there is no such operation any more")?;
        let request = self.bind(tool, Some(arguments), None).await.map_err(|refusal| refusal.to_string())?;
        let choice = self.credentials.choose(&tool.plan.security, Some(credential));
        let request = self.attach(&choice, &tool.plan, request, Show::Plain);
        let request = request.map_err(|refusal| refusal.to_string())?;
        self.upstream.send(request, Redirects::SameOrigin).await.map_err(|fault| fault.to_string())
    }
}
