//! Looking for secrets where none may be.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// A secret as it is and in base64. What stands at its end depends on what follows, and is left out.
pub(super) fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    // Within a longer text it begins at one of three places of a group (RFC 4648, 4).
    for skipped in 0..3 {
        let text = secret.get(skipped..).unwrap();
        let whole = text.get(..text.len() / 3 * 3).unwrap();
        if whole.len() >= 12 {
            forms.push(BASE64_STANDARD_NO_PAD.encode(whole));
            forms.push(BASE64_URL_SAFE_NO_PAD.encode(whole));
        }
    }
    forms
}

pub(super) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
