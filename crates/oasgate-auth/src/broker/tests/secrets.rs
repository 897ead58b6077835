//! Where secrets are: with those they are for, and nowhere else.

use std::io;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use super::authority::Authority;
use super::browser::SignIn;
use super::world::World;
use crate::{Keyring, Secret};

/// What has been logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a text has a secret in it, as it is or encoded.
fn has(text: &str, secret: &str) -> bool {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    // The middle of a text encodes alike at one of three offsets.
    let encoded = (0..3).flat_map(|offset| {
        let padded = [&b"---"[..offset], secret.as_bytes()].concat();
        [STANDARD.encode(&padded), STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)]
            .map(|text| text.chars().skip(4).take(secret.len()).collect::<String>())
    });
    text.contains(secret) || text.contains(&hex) || encoded.into_iter().any(|encoded| text.contains(&encoded))
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let secret = "upstream-refresh-1";
    for text in [
        secret.to_owned(),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(format!("{{\"a\":\"{secret}\"}}")),
    ] {
        assert!(has(&text, secret), "{text}");
    }
    assert!(!has("nothing of the kind", secret));
}

#[tokio::test]
async fn secrets_at_rest_and_in_logs_at_trace_there_are_none() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let subscriber = Dispatch::new(subscriber);
    // While there is one subscriber only, tracing asks that of the thread which comes by first whether a line is wanted,
    // and the other tests' threads have none. With two it asks both.
    let _second = Dispatch::new(tracing_subscriber::registry());
    let (secrets, dump) = everything().with_subscriber(subscriber).await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    // It has been logged at all, and records are there.
    assert!(log.contains("signed in") && log.contains("TRACE") && dump.contains("grant:"), "{log}");
    for secret in secrets {
        assert!(!has(&dump, &secret), "{secret} in the store");
        assert!(!has(&log, &secret), "{secret} in the log");
    }
}

/// Goes through all there is, and gives the secrets that it came by, and what is kept in the end.
async fn everything() -> (Vec<String>, String) {
    tracing::trace!("TRACE is on");
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let page = sign_in.page(&world).await;
    let mut secrets = vec![page.transaction(), sign_in.verifier.clone(), "our-secret".to_owned()];
    let code = sign_in.code(&world, &authority).await;
    let mut dump = world.dump().await;
    let (access, refresh) = super::browser::pair(&sign_in.redeem(&world, &code, &[]).await);
    world.call(&access).await;
    let (second, next) = super::browser::pair(&world.refresh(&sign_in.client, &refresh).await);
    world.call(&second).await;
    world.call("ogx_nonsense").await;
    dump += &world.dump().await;
    let identity = world.identity(&second).await;
    dump += &format!("{identity:?} {:?} {:?}", identity.presented, world.auth);
    world.refresh(&sign_in.client, &refresh).await;
    secrets.extend([code, access, refresh, second, next]);
    secrets.extend(["upstream-access-1".to_owned(), "upstream-refresh-1".to_owned()]);
    (secrets, dump)
}

#[tokio::test]
async fn key_rotation_what_an_older_key_has_made_holds_until_that_key_is_removed() {
    let authority = Authority::start().await;
    let (older, newer) = (Keyring::generate_key(), Keyring::generate_key());
    let world = World::new(&authority);
    let keyed = |keys: &[Secret]| world.replica_with(Keyring::new(keys).unwrap());
    let before = keyed(std::slice::from_ref(&older));
    let mut sign_in = SignIn::begin(&before).await;
    let code = sign_in.code(&before, &authority).await;
    // From here on with both, in the middle of a sign-in.
    let both = keyed(&[newer.clone(), older]);
    let (access, refresh) = super::browser::pair(&sign_in.redeem(&both, &code, &[]).await);
    let mut early = SignIn::begin(&before).await;
    let (old, _) = early.tokens(&before, &authority).await;
    for token in [&access, &old] {
        assert_eq!(both.call(token).await.0, 200);
    }
    let after = keyed(&[newer]);
    assert_eq!(after.call(&old).await.0, 401);
    assert_eq!(after.call(&access).await.0, 200);
    super::browser::pair(&after.refresh(&sign_in.client, &refresh).await);
}
