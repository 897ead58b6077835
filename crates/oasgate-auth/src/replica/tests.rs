use std::collections::BTreeSet;

use super::{Difference, LIFE, Replica};
use crate::Keyring;
use crate::clock::Clock;
use crate::store::Memory;

#[tokio::test]
async fn replicas_find_out_in_what_they_differ() {
    let [a, b, c] = [(); 3].map(|()| Keyring::generate_key());
    let ring = |keys: &[&crate::Secret]| {
        Keyring::new(&keys.iter().map(|key| (*key).clone()).collect::<Vec<_>>()).unwrap()
    };
    let kid = |key| ring(&[key]).newest().to_owned();
    let here = |key| Difference::KeyMissingHere(kid(key));
    let there = |key| Difference::KeyMissingThere(kid(key));
    for (first, second, differences) in [
        ((&[&a][..], "x"), (&[&a][..], "x"), vec![]),
        // A new key is added as an older one first, and then becomes the newest, one replica after the other.
        ((&[&a], "x"), (&[&a, &b], "x"), vec![]),
        ((&[&a, &b], "x"), (&[&b, &a], "x"), vec![]),
        ((&[&b, &a], "x"), (&[&b], "x"), vec![]),
        ((&[&a], "x"), (&[&b, &a], "x"), vec![there(&b)]),
        ((&[&b, &a], "x"), (&[&a], "x"), vec![here(&b)]),
        ((&[&a, &c], "x"), (&[&b, &c], "x"), vec![here(&a), there(&b)]),
        ((&[&a], "x"), (&[&a], "y"), vec![Difference::Offer]),
    ] {
        let (clock, hand) = Clock::standing(0);
        let store = Memory::new(clock.clone());
        let [(first, one), (second, other)] =
            [first, second].map(|(keys, offer)| (Replica::new(&ring(keys), clock.clone()), offer));
        assert_eq!(first.compare(&store, one).await.unwrap(), BTreeSet::new(), "it is alone");
        let differences: BTreeSet<_> = differences.into_iter().collect();
        assert_eq!(second.compare(&store, other).await.unwrap(), differences);
        // One that has gone does not count any more: of one that was killed that is known after a while.
        first.leave(&store).await;
        assert_eq!(second.compare(&store, other).await.unwrap(), BTreeSet::new());
        assert_eq!(first.compare(&store, one).await.unwrap().len(), differences.len());
        hand.advance(LIFE);
        assert_eq!(second.compare(&store, other).await.unwrap(), BTreeSet::new());
    }
}

#[test]
fn a_difference_says_what_to_do() {
    for difference in [
        Difference::KeyMissingHere("01234567".to_owned()),
        Difference::KeyMissingThere("01234567".to_owned()),
        Difference::Offer,
    ] {
        assert!(difference.to_string().contains(": give all"), "{difference}");
        assert_eq!(difference.is_fatal(), difference != Difference::Offer);
    }
}
