//! The device flow (RFC 8628): the user signs in on another device, and we ask now and then whether they have.

use serde_json::Value;

use super::{Client, LoginError, Session, missing};
use crate::provider::ProviderError;
use crate::{Secret, Timestamp};

/// How long to wait between two questions, in seconds, unless told (3.2), and how much longer if told to slow down (3.5).
const INTERVAL: u64 = 5;

/// A sign-in that has begun, to be ended on another device.
#[derive(Debug)]
pub struct Device {
    /// Where the user goes.
    pub verification_uri: String,
    /// The same with the code in it, if the server gives one: for a link.
    pub verification_uri_complete: Option<String>,
    /// What they enter there.
    pub user_code: String,
    /// How long to wait before the next question, in seconds.
    pub interval: u64,
    device_code: Secret,
    until: Timestamp,
}

impl Client {
    /// Begins a sign-in on another device.
    ///
    /// # Errors
    /// The server has no such flow, or refuses.
    pub async fn device(&self) -> Result<Device, LoginError> {
        let endpoint = self.device_authorization_endpoint.as_deref();
        let endpoint = endpoint.ok_or_else(|| missing("device authorization endpoint"))?;
        let asked = self.asked();
        let asked: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = self.remote.post(endpoint, &asked).await?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| answer.get(name).and_then(Value::as_u64);
        let unusable = || LoginError::Server("the device flow's answer is not as RFC 8628 has it".to_owned());
        let life = Timestamp::try_from(number("expires_in").ok_or_else(unusable)?).map_err(|_| unusable())?;
        Ok(Device {
            verification_uri: text("verification_uri").ok_or_else(unusable)?,
            verification_uri_complete: text("verification_uri_complete"),
            user_code: text("user_code").ok_or_else(unusable)?,
            interval: number("interval").unwrap_or(INTERVAL).clamp(1, 300),
            device_code: Secret::new(text("device_code").ok_or_else(unusable)?),
            until: self.clock.now().saturating_add(life),
        })
    }

    /// Asks whether the user has signed in. None if not yet: ask again after [`Device::interval`], which may have grown.
    ///
    /// # Errors
    /// They have declined, or it has taken too long.
    pub async fn poll(&self, device: &mut Device) -> Result<Option<Session>, LoginError> {
        if device.until <= self.clock.now() {
            return Err(LoginError::Over);
        }
        let parameters = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", device.device_code.expose()),
        ];
        match self.remote.grant(&parameters).await {
            Ok(tokens) => {
                Ok(Some(Session::new(&self.provider, self.resource.as_deref(), tokens, self.clock.now())))
            }
            Err(ProviderError::Refused { code }) if code == "authorization_pending" => Ok(None),
            // 3.5; and one that does not answer is not asked as often, either.
            Err(ProviderError::Refused { code }) if code == "slow_down" => {
                device.interval = device.interval.saturating_add(INTERVAL);
                Ok(None)
            }
            Err(ProviderError::Later { .. }) => {
                device.interval = device.interval.saturating_mul(2).min(300);
                Ok(None)
            }
            Err(ProviderError::Refused { code }) if code == "expired_token" => Err(LoginError::Over),
            Err(error) => Err(error.into()),
        }
    }
}
