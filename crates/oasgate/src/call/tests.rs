//! What a call costs those around it.

use super::{CallContext, Caller, Files};
use crate::cache::Cache;
use crate::credential::Credentials;
use crate::upstream::{Limits, Upstream};

/// What serves a call moves its future several times, and has room for it in several states: 5 kB of it have made
/// 250 kB of moves a call.
#[test]
fn a_call_that_waits_is_small() {
    let caller = Caller {
        catalog: std::sync::Arc::default(),
        credentials: Credentials::default(),
        upstream: Upstream::direct(Limits::DEFAULT).unwrap(),
        cache: Cache::default(),
        files: Files::default(),
        shown: oasgate_tools::Limits::default(),
        sign_in: None,
        login: None,
    };
    let bytes = size_of_val(&caller.call("", None, CallContext::default()));
    assert!(bytes <= 256, "{bytes}");
}
