//! Texts that nobody can guess, and hashes and comparisons that give none of them away.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::cipher;
use crate::keyring::hex;

/// 256 bits in base64url: a code verifier (RFC 7636, 4.1), a cookie, a nonce.
pub(crate) fn secret() -> String {
    URL_SAFE_NO_PAD.encode(cipher::random::<32>().as_slice())
}

/// 128 bits in hexadecimal: an identifier that is no secret.
pub(crate) fn identifier() -> String {
    hex(cipher::random::<16>().as_slice())
}

/// The S256 code challenge of a verifier (RFC 7636, 4.2).
pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// The SHA-256 of a text, in hexadecimal: only for what cannot be guessed, or is no secret.
pub(crate) fn sha256(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// Whether two texts are the same, in a time that does not tell how much of them is.
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}
