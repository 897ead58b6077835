use proptest::prelude::*;

use super::{Token, TokenKind};
use crate::Keyring;

fn kinds() -> impl Strategy<Value = TokenKind> {
    prop::sample::select(TokenKind::ALL.to_vec())
}

proptest! {
    #[test]
    fn what_is_minted_is_read_again(kind in kinds()) {
        let keyring = Keyring::ephemeral();
        let token = Token::mint(kind, &keyring);
        let read = Token::parse(token.expose()).unwrap();
        prop_assert_eq!(read.kind(), kind);
        prop_assert_eq!(read.kid(), keyring.newest());
        prop_assert_eq!(read.expose(), token.expose());
        prop_assert_eq!(read.expose().len(), 61);
        prop_assert!(read.locator(&keyring).is_some());
        prop_assert_eq!(read.locator(&keyring), token.locator(&keyring));
    }

    #[test]
    fn arbitrary_text_is_no_token(text in "(og[arcsx]_)?\\PC*") {
        prop_assert!(Token::parse(&text).is_none());
    }

    #[test]
    fn a_token_with_anything_around_it_is_no_token(kind in kinds(), before in "\\PC{0,3}", after in "\\PC{0,3}") {
        let token = Token::mint(kind, &Keyring::ephemeral());
        let text = format!("{before}{}{after}", token.expose());
        prop_assert_eq!(Token::parse(&text).is_some(), text == token.expose());
    }
}

#[test]
fn every_changed_bit_is_refused() {
    let token = Token::mint(TokenKind::Access, &Keyring::ephemeral());
    for bit in 0..token.expose().len() * 8 {
        let mut changed = token.expose().as_bytes().to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        let read = std::str::from_utf8(&changed).ok().and_then(Token::parse);
        assert!(read.is_none(), "bit {bit}");
    }
}

#[test]
fn a_locator_needs_the_key_that_the_token_names() {
    let (old, new) = (Keyring::generate_key(), Keyring::generate_key());
    let before = Keyring::new(std::slice::from_ref(&old)).unwrap();
    let during = Keyring::new(&[new.clone(), old]).unwrap();
    let after = Keyring::new(&[new]).unwrap();
    let token = Token::mint(TokenKind::Refresh, &before);
    assert_eq!(token.locator(&before), token.locator(&during));
    assert_eq!(token.locator(&after), None);
    assert_eq!(Token::mint(TokenKind::Refresh, &during).kid(), after.newest());
}

#[test]
fn locators_differ_between_tokens_and_tell_nothing_of_them() {
    let keyring = Keyring::ephemeral();
    let token = Token::mint(TokenKind::Code, &keyring);
    let locator = token.locator(&keyring).unwrap();
    assert_ne!(Some(&locator), Token::mint(TokenKind::Code, &keyring).locator(&keyring).as_ref());
    assert_eq!((locator.len(), &locator[..8]), (72, token.kid()));
    assert_eq!(format!("{token:?}"), "****");
}

#[test]
fn the_next_token_is_the_same_for_who_has_this_one_its_salt_and_the_key() {
    let (keyring, other) = (Keyring::ephemeral(), Keyring::ephemeral());
    let kid = keyring.newest();
    let (one, two) = (Token::mint(TokenKind::Refresh, &keyring), Token::mint(TokenKind::Refresh, &keyring));
    let next = |token: &Token, kind, salt: &[u8]| token.next(kind, &keyring, kid, salt).unwrap();
    let first = next(&one, TokenKind::Refresh, b"salt");
    assert_eq!(first.expose(), next(&one, TokenKind::Refresh, b"salt").expose());
    assert_eq!(first.expose(), Token::parse(first.expose()).unwrap().expose());
    let access = next(&one, TokenKind::Access, b"salt");
    assert!(access.expose().starts_with("oga_") && access.kid() == kid);
    for different in [next(&two, TokenKind::Refresh, b"salt"), next(&one, TokenKind::Refresh, b""), access] {
        assert_ne!(different.expose()[12..55], first.expose()[12..55]);
    }
    assert!(one.next(TokenKind::Refresh, &other, kid, b"salt").is_none());
}
