use proptest::prelude::*;

use super::GrantKey;
use crate::Keyring;
use crate::token::{Token, TokenKind};

proptest! {
    #[test]
    fn what_is_sealed_opens_about_the_same_only(about: String, other: String, plain: Vec<u8>) {
        let key = GrantKey::random();
        let sealed = key.seal(&about, &plain);
        prop_assert!(key.open(&about, &sealed).is_some_and(|opened| *opened == plain));
        prop_assert_eq!(key.open(&other, &sealed).is_some(), other == about);
        prop_assert_eq!(GrantKey::random().open(&about, &sealed), None);
    }

    #[test]
    fn a_wrapped_key_opens_what_the_key_has_sealed(plain: Vec<u8>) {
        let (keyring, key) = (Keyring::ephemeral(), GrantKey::random());
        let token = Token::mint(TokenKind::Access, &keyring);
        let unwrapped = GrantKey::unwrap(&keyring, &token, &key.wrap(&keyring, &token)).unwrap();
        prop_assert!(unwrapped.open("g", &key.seal("g", &plain)).is_some_and(|opened| *opened == plain));
    }
}

#[test]
fn unwrapping_needs_both_the_token_and_the_master_key() {
    let (old, new) = (Keyring::generate_key(), Keyring::generate_key());
    let before = Keyring::new(std::slice::from_ref(&old)).unwrap();
    let during = Keyring::new(&[new.clone(), old]).unwrap();
    let after = Keyring::new(&[new]).unwrap();
    let (token, other) = (Token::mint(TokenKind::Access, &before), Token::mint(TokenKind::Access, &before));
    let wrapped = GrantKey::random().wrap(&before, &token);
    for (keyring, token, opens) in
        [(&before, &token, true), (&during, &token, true), (&after, &token, false), (&before, &other, false)]
    {
        assert_eq!(GrantKey::unwrap(keyring, token, &wrapped).is_some(), opens, "{keyring:?}");
    }
    // With neither can the key be wrapped for a token whose master key is gone.
    assert!(GrantKey::unwrap(&before, &token, &GrantKey::random().wrap(&after, &token)).is_none());
}

#[test]
fn every_changed_bit_of_a_wrapped_key_is_refused() {
    let keyring = Keyring::ephemeral();
    let token = Token::mint(TokenKind::Refresh, &keyring);
    let wrapped = GrantKey::random().wrap(&keyring, &token);
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(GrantKey::unwrap(&keyring, &token, &changed).is_none(), "bit {bit}");
    }
}

#[test]
fn debug_tells_no_key() {
    assert_eq!(format!("{:?}", GrantKey::random()), "****");
}
