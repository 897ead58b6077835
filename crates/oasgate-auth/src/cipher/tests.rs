use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use proptest::prelude::*;

use super::{Key, expand, extract, open, random, seal};

struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

fn key(bytes: [u8; 32]) -> Key {
    Key::new(bytes)
}

proptest! {
    #[test]
    fn keys_are_derived_as_hkdf_derives_them(salt: [u8; 32], material: Vec<u8>, info: Vec<u8>) {
        let ours = expand(&extract(&salt, &[&material]), &info);
        let mut theirs = [0; 32];
        Salt::new(HKDF_SHA256, &salt).extract(&material).expand(&[&info], Bytes32).unwrap().fill(&mut theirs).unwrap();
        prop_assert_eq!(ours.as_slice(), &theirs);
    }

    #[test]
    fn what_is_sealed_opens(bytes: [u8; 32], about: String, plain: Vec<u8>) {
        let sealed = seal(&key(bytes), &[&about], &plain);
        prop_assert!(open(&key(bytes), &[&about], &sealed).is_some_and(|opened| *opened == plain));
        prop_assert!(plain.len() < 4 || !sealed.windows(plain.len()).any(|window| window == plain));
    }

    #[test]
    fn another_key_opens_nothing(bytes: [u8; 32], bit in 0..256_usize, plain: Vec<u8>) {
        let mut other = bytes;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(open(&key(other), &[], &seal(&key(bytes), &[], &plain)), None);
    }

    #[test]
    fn arbitrary_bytes_open_to_nothing(bytes: [u8; 32], sealed: Vec<u8>) {
        prop_assert_eq!(open(&key(bytes), &[], &sealed), None);
    }
}

#[test]
fn every_changed_bit_and_every_cut_is_refused() {
    let key = random();
    let sealed = seal(&key, &["grant", "g1"], b"an upstream token");
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&key, &["grant", "g1"], &changed).is_none(), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert!(open(&key, &["grant", "g1"], &sealed[..length]).is_none(), "{length} bytes");
    }
}

#[test]
fn what_it_is_about_cannot_be_shifted() {
    let key = random();
    for about in [&["ab", "c"][..], &["a", "bc"], &["abc"], &["abc", ""], &["", "abc"], &[]] {
        let sealed = seal(&key, about, b"text");
        for other in [&["ab", "c"][..], &["a", "bc"], &["abc"], &["abc", ""], &["", "abc"], &[]] {
            assert_eq!(open(&key, other, &sealed).is_some(), about == other, "{about:?} {other:?}");
        }
    }
}

#[test]
fn the_same_text_is_never_sealed_the_same_way() {
    let key = random();
    assert_ne!(seal(&key, &[], b"text"), seal(&key, &[], b"text"));
}
