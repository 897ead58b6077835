//! The cookies that bind an authorization to the browser in which it began.
//!
//! There are two: one says which browser it is, the other, which exists for one authorization only, that this browser is
//! the one in which the user has agreed. Without it the address of the other server, sent to somebody else, would give
//! whoever has sent it what that somebody has (RFC 9700, 4.7; the "confused deputy").

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

use crate::random;

#[cfg(test)]
mod tests;

/// How cookies are named and marked here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cookies {
    /// Whether the server is at an https origin.
    pub(crate) is_https: bool,
}

/// Which cookie.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Binding<'b> {
    /// The browser.
    Browser,
    /// The browser in which the user has agreed, by the locator of the `state`.
    Agreed(&'b str),
}

impl Cookies {
    /// The value that a browser has sent. None if it has sent two: one is not ours, and nothing tells which.
    pub(crate) fn read(self, headers: &HeaderMap, binding: Binding<'_>) -> Option<String> {
        let name = self.name(binding);
        let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut found = all
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        let value = found.next().filter(|value| is_ours(value))?;
        found.next().is_none().then(|| value.to_owned())
    }

    /// Sets one, for so many seconds, or as long as the browser runs.
    pub(crate) fn set(
        self,
        headers: &mut HeaderMap,
        binding: Binding<'_>,
        value: &str,
        seconds: Option<i64>,
    ) {
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if self.is_https { "; Secure" } else { "" };
        // Lax: the way back from the other server is a navigation from another site.
        let name = self.name(binding);
        let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
        if let Ok(line) = HeaderValue::from_str(&line) {
            headers.append(SET_COOKIE, line);
        }
    }

    /// Removes one.
    pub(crate) fn clear(self, headers: &mut HeaderMap, binding: Binding<'_>) {
        self.set(headers, binding, "", Some(0));
    }

    /// `__Host-` keeps other hosts of the domain from writing it (RFC 6265bis, 4.1.3.2); browsers take it from https
    /// only.
    fn name(self, binding: Binding<'_>) -> String {
        let prefix = if self.is_https { "__Host-" } else { "" };
        match binding {
            Binding::Browser => format!("{prefix}oasgate"),
            Binding::Agreed(locator) => {
                let tail = locator.char_indices().rev().nth(15).map_or(0, |(at, _)| at);
                format!(
                    "{prefix}oasgate-{}",
                    locator.split_at_checked(tail).map_or(locator, |(_, tail)| tail)
                )
            }
        }
    }
}

/// The value of a cookie for this browser: the one that it has, or a new one.
pub(crate) fn browser(cookies: Cookies, headers: &HeaderMap) -> String {
    cookies.read(headers, Binding::Browser).unwrap_or_else(random::secret)
}

/// As [`random::secret`] makes them: anything else has been put there by somebody.
fn is_ours(value: &str) -> bool {
    value.len() == 43 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
