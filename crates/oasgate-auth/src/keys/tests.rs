use serde_json::json;

use super::{KeyUse, keys_in_use};
use crate::Keyring;
use crate::clock::Clock;
use crate::records::RecordKind;
use crate::store::{Commit, Expect, Memory, Store, Write};
use crate::token::{Token, TokenKind};

fn put(key: String, value: &str) -> Write {
    Write::Put { key, group: None, value: value.into(), expires: 100, expect: Expect::Absent }
}

/// Records of tokens made under the newest key, as many as told of each kind.
fn records(keyring: &Keyring, access: usize, refresh: usize, codes: usize, secrets: usize) -> Vec<Write> {
    let of = |count, kind: RecordKind, token| {
        let mint = move |_| put(kind.key(&Token::mint(token, keyring).locator(keyring).unwrap()), "1 {}");
        (0..count).map(mint).collect::<Vec<_>>()
    };
    let mut writes = of(access, RecordKind::Access, TokenKind::Access);
    writes.extend(of(refresh, RecordKind::Refresh, TokenKind::Refresh));
    writes.extend(of(codes, RecordKind::Code, TokenKind::Code));
    for _ in 0..secrets {
        let secret = Token::mint(TokenKind::ClientSecret, keyring).locator(keyring);
        let client = json!({"name": "a client", "redirect_uris": [], "secret": secret});
        writes.push(put(RecordKind::Client.key(&secret.unwrap()[60..]), &format!("1 {client}")));
    }
    writes
}

#[tokio::test]
async fn what_each_key_is_needed_for_is_counted() {
    let [oldest, old, new] = [(); 3].map(|()| Keyring::generate_key());
    let rings =
        [&[oldest.clone()][..], &[old.clone(), oldest], &[new, old]].map(|keys| Keyring::new(keys).unwrap());
    let store = Memory::new(Clock::standing(0).0);
    let mut writes = records(&rings[0], 1, 2, 3, 4);
    // More than are looked at together.
    writes.extend(records(&rings[1], 1200, 5, 0, 1));
    for (key, value) in
        [("client:public", "1 {\"secret\":null}"), ("client:broken", "?"), ("at:", ""), ("grant:1", "")]
    {
        writes.push(put(key.to_owned(), value));
    }
    assert_eq!(store.commit(writes).await.unwrap(), Commit::Made);
    let found = keys_in_use(&store, &rings[2]).await.unwrap();
    let count = |kid: &str,
                 is_present,
                 is_newest,
                 [access_tokens, refresh_tokens, sign_ins, client_secrets]: [u64; 4]| {
        let kid = kid.to_owned();
        KeyUse { kid, is_present, is_newest, access_tokens, refresh_tokens, sign_ins, client_secrets }
    };
    assert_eq!(
        found,
        [
            count(rings[2].newest(), true, true, [0, 0, 0, 0]),
            count(rings[1].newest(), true, false, [1200, 5, 0, 1]),
            count(rings[0].newest(), false, false, [1, 2, 3, 4]),
        ]
    );
    assert_eq!(found.iter().map(KeyUse::is_idle).collect::<Vec<_>>(), [true, false, false]);
}
