use proptest::prelude::*;

use super::{Keyring, KeyringError};
use crate::Secret;

const A: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const B: &str = "__________________________________________8";

fn ring(keys: &[&str]) -> Result<Keyring, KeyringError> {
    Keyring::new(&keys.iter().map(|key| Secret::new(*key)).collect::<Vec<_>>())
}

#[test]
fn keys_are_32_bytes_and_named_by_their_hash() {
    for (keys, expected) in [
        // SHA-256 of the bytes 0 to 31, and of 32 bytes 255.
        (&[A][..], Ok(vec!["630dcd29"])),
        (&[A, B], Ok(vec!["630dcd29", "af961376"])),
        (&[B, A], Ok(vec!["af961376", "630dcd29"])),
        (&[], Err(KeyringError::Empty)),
        (&[""], Err(KeyringError::Malformed(1))),
        (&[A, "AAEC"], Err(KeyringError::Malformed(2))),
        (&[A, "___________________________________________"], Err(KeyringError::Malformed(2))),
        (&["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="], Err(KeyringError::Malformed(1))),
        (&["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9"], Err(KeyringError::Malformed(1))),
        (&[A, A], Err(KeyringError::Twice(2))),
    ] {
        let kids = ring(keys).map(|ring| ring.kids());
        assert_eq!(kids, expected.map(|kids| kids.into_iter().map(str::to_owned).collect()), "{keys:?}");
    }
}

#[test]
fn a_line_end_after_a_key_is_no_part_of_it() {
    assert_eq!(ring(&[&format!("{A}\n")]).unwrap().kids(), ["630dcd29"]);
}

#[test]
fn a_generated_key_is_a_key_and_never_the_same() {
    let keys = [Keyring::generate_key(), Keyring::generate_key()];
    assert_eq!(Keyring::new(&keys).unwrap().kids().len(), 2);
}

#[test]
fn the_newest_writes_and_all_read() {
    let (old, new) = (Keyring::generate_key(), Keyring::generate_key());
    let before = Keyring::new(std::slice::from_ref(&old)).unwrap();
    let during = Keyring::new(&[new.clone(), old]).unwrap();
    let after = Keyring::new(&[new]).unwrap();
    let sealed = [before.seal("p", "a", b"before"), during.seal("p", "a", b"during")];
    for (ring, reads) in [(&before, [true, false]), (&during, [true, true]), (&after, [false, true])] {
        for (sealed, reads) in sealed.iter().zip(reads) {
            assert_eq!(ring.open("p", "a", sealed).is_some(), reads, "{ring:?}");
        }
    }
    assert_eq!(during.digest("p", "text"), after.digest("p", "text"));
    assert_ne!(before.digest("p", "text"), after.digest("p", "text"));
}

#[test]
fn every_changed_bit_is_refused() {
    let ring = Keyring::ephemeral();
    let sealed = ring.seal("p", "a", b"text");
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(ring.open("p", "a", &changed).is_none(), "bit {bit}");
    }
}

#[test]
fn debug_tells_no_key() {
    let text = format!("{:?} {:?}", ring(&[A]).unwrap(), ring(&["secret"]));
    assert_eq!(text, r#"Keyring(["630dcd29"]) Err(Malformed(1))"#);
}

proptest! {
    #[test]
    fn what_is_sealed_opens_for_its_purpose_only(purpose: String, about: String, other: String, plain: Vec<u8>) {
        let ring = Keyring::ephemeral();
        let sealed = ring.seal(&purpose, &about, &plain);
        prop_assert!(ring.open(&purpose, &about, &sealed).is_some_and(|opened| *opened == plain));
        prop_assert_eq!(ring.open(&other, &about, &sealed).is_some(), other == purpose);
        prop_assert_eq!(ring.open(&purpose, &other, &sealed).is_some(), other == about);
    }

    #[test]
    fn digests_differ_by_text_and_purpose(a: String, b: String) {
        let ring = Keyring::ephemeral();
        prop_assert_eq!(ring.digest("p", &a) == ring.digest("p", &b), a == b);
        prop_assert_ne!(ring.digest("p", &a), ring.digest("q", &a));
    }
}
