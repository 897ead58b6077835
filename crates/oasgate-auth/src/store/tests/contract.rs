//! What `Store` promises, one thing after the other.

use super::*;

#[tokio::test]
async fn a_record_is_as_it_was_put() {
    on_each(async |store| {
        let everything: Vec<u8> = (0..=255).collect();
        for (key, value) in [("a", Vec::new()), ("grant:é '\"\\%_", everything), ("big", vec![7; 1 << 20])] {
            let put = Write::Put {
                key: key.to_owned(),
                group: Some("g '".to_owned()),
                value: value.clone(),
                expires: Timestamp::MAX,
                expect: Expect::Absent,
            };
            assert!(store.commit(&[put]).await, "{} {key}", store.name);
            let entry = store.get(key).await.unwrap();
            assert_eq!((entry.value, entry.expires), (value, Timestamp::MAX), "{} {key}", store.name);
        }
        for absent in ["absent", "", "client:\0", "client:\u{10ffff}", &"long".repeat(10_000)] {
            assert_eq!(store.get(absent).await, None, "{} {absent:.20}", store.name);
        }
        assert!(store.commit(&[]).await, "{}", store.name);
    })
    .await;
}

#[tokio::test]
async fn a_commit_is_made_if_everything_is_as_expected() {
    on_each(async |store| {
        assert!(store.commit(&[put("a", "1"), put("b", "1")]).await);
        let (a, b) = (store.version("a").await, store.version("b").await);
        let [any, absent, is_a, is_b] =
            [Expect::Anything, Expect::Absent, Expect::Version(a), Expect::Version(b)];
        for (write, made) in [
            (put_if("a", "1", any), true),
            (put_if("a", "1", absent), false),
            // The version of `a` has changed in the first row.
            (put_if("a", "1", is_a), false),
            (put_if("b", "2", Expect::Version(b + 1_000_000)), false),
            (put_if("b", "2", Expect::Version(0)), false),
            (delete("b", absent), false),
            (delete("b", is_a), false),
            (put_if("b", "2", is_b), true),
            (delete("b", is_b), false),
            (delete("b", any), true),
            (delete("b", any), true),
            (delete("b", absent), true),
            (put_if("b", "3", is_b), false),
            (put_if("c", "1", is_b), false),
            (put_if("c", "1", absent), true),
        ] {
            assert_eq!(store.commit(std::slice::from_ref(&write)).await, made, "{} {write:?}", store.name);
        }
        assert_eq!(store.keys("", "", 9).await, ["a", "c"], "{}", store.name);
    })
    .await;
}

#[tokio::test]
async fn a_commit_is_made_as_a_whole_or_not_at_all() {
    on_each(async |store| {
        assert!(store.commit(&[grouped("g", put("a", "1")), put("b", "1")]).await);
        let wrong = Expect::Version(store.version("b").await + 1_000_000);
        for conflicting in [put_if("b", "2", wrong), delete("b", wrong), put_if("b", "2", Expect::Absent)] {
            for place in 0..4 {
                let mut writes = vec![put("a", "2"), put("c", "1"), delete_group("g")];
                writes.insert(place, conflicting.clone());
                assert!(!store.commit(&writes).await, "{} {writes:?}", store.name);
            }
        }
        assert_eq!(store.text("a").await.as_deref(), Some("1"), "{}", store.name);
        assert_eq!(store.keys("", "", 9).await, ["a", "b"], "{}", store.name);
    })
    .await;
}

#[tokio::test]
async fn what_is_expected_is_expected_of_what_was_there_before() {
    on_each(async |store| {
        let twice = [put_if("a", "1", Expect::Absent), put_if("a", "2", Expect::Absent)];
        assert!(store.commit(&twice).await, "{}", store.name);
        assert_eq!(store.text("a").await.as_deref(), Some("2"), "{}", store.name);
        let version = Expect::Version(store.version("a").await);
        assert!(store.commit(&[delete("a", version), put_if("a", "3", version)]).await, "{}", store.name);
        assert_eq!(store.text("a").await.as_deref(), Some("3"), "{}", store.name);
    })
    .await;
}

#[tokio::test]
async fn a_group_goes_as_a_whole() {
    on_each(async |store| {
        let all = ["a", "b", "c"].map(|key| grouped("g", put(key, "1")));
        assert!(store.commit(&all).await);
        assert!(store.commit(&[grouped("h", put("d", "1")), put("e", "1")]).await);
        // What is put again may change its group, or leave it.
        assert!(store.commit(&[grouped("h", put("b", "2")), put("c", "2")]).await);
        assert!(store.commit(&[delete_group("g")]).await);
        assert_eq!(store.keys("", "", 9).await, ["b", "c", "d", "e"], "{}", store.name);
        // In order: what is put before goes too, what is put afterwards stays.
        let writes = [grouped("h", put("x", "1")), delete_group("h"), grouped("h", put("y", "1"))];
        assert!(store.commit(&writes).await);
        assert_eq!(store.keys("", "", 9).await, ["c", "e", "y"], "{}", store.name);
        assert!(store.commit(&[delete_group("none")]).await);
    })
    .await;
}

#[tokio::test]
async fn a_record_past_its_time_is_as_if_absent() {
    on_each(async |store| {
        assert!(store.commit(&[until(NOW + 10, put("a", "1")), until(NOW + 20, put("b", "1"))]).await);
        assert!(store.commit(&[until(NOW, put("c", "born dead"))]).await);
        let old = Expect::Version(store.version("a").await);
        store.hand.advance(9);
        assert_eq!(store.keys("", "", 9).await, ["a", "b"], "{}", store.name);
        store.hand.advance(1);
        assert_eq!(store.get("a").await, None, "{}", store.name);
        assert_eq!(store.keys("", "", 9).await, ["b"], "{}", store.name);
        for (write, made) in [(delete("a", old), false), (put_if("a", "2", old), false)] {
            assert_eq!(store.commit(&[write]).await, made, "{}", store.name);
        }
        assert!(store.commit(&[until(NOW + 30, put_if("a", "2", Expect::Absent))]).await, "{}", store.name);
        assert_eq!(store.text("a").await.as_deref(), Some("2"), "{}", store.name);
        assert_eq!(store.store.sweep().await.unwrap(), 1, "{}: c", store.name);
        store.hand.advance(10);
        assert_eq!(store.store.sweep().await.unwrap(), 1, "{}: b", store.name);
        assert_eq!(store.store.sweep().await.unwrap(), 0, "{}", store.name);
        assert_eq!(store.keys("", "", 9).await, ["a"], "{}", store.name);
    })
    .await;
}

#[tokio::test]
async fn everything_past_its_time_is_swept_however_much_it_is() {
    on_each(async |store| {
        let writes: Vec<Write> = (0..2500).map(|number| put(&format!("k{number}"), "")).collect();
        assert!(store.commit(&writes).await);
        assert!(store.commit(&[until(NOW + 61, put("later", ""))]).await);
        store.hand.advance(60);
        assert_eq!(store.store.sweep().await.unwrap(), 2500, "{}", store.name);
        assert_eq!(store.keys("", "", 9).await, ["later"], "{}", store.name);
    })
    .await;
}

#[tokio::test]
async fn a_version_is_never_used_again() {
    on_each(async |store| {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..3 {
            assert!(store.commit(&[put("a", "1")]).await);
            assert!(seen.insert(store.version("a").await), "{}: the same value again", store.name);
            assert!(store.commit(&[delete("a", Expect::Anything)]).await);
            assert!(store.commit(&[grouped("g", until(NOW + 5, put("a", "1")))]).await);
            assert!(seen.insert(store.version("a").await), "{}: after it was removed", store.name);
            assert!(store.commit(&[delete_group("g")]).await);
        }
        assert!(store.commit(&[until(NOW + 5, put("a", "1"))]).await);
        assert!(seen.insert(store.version("a").await), "{}: after its group was removed", store.name);
        store.hand.advance(5);
        store.store.sweep().await.unwrap();
        assert!(store.commit(&[put("a", "1")]).await);
        assert!(seen.insert(store.version("a").await), "{}: after its time", store.name);
    })
    .await;
}

#[tokio::test]
async fn records_are_listed_by_key() {
    on_each(async |store| {
        let keys = ["at:", "at:1", "at:2", "at:é", "at;", "as:9", "grant:1", "AT:1", "at"];
        assert!(store.commit(&keys.map(|key| put(key, key))).await);
        for (prefix, after, limit, expected) in [
            ("at:", "", 9, &["at:", "at:1", "at:2", "at:é"][..]),
            ("at:", "at:", 9, &["at:1", "at:2", "at:é"]),
            ("at:", "at:1", 1, &["at:2"]),
            ("at:", "at:15", 9, &["at:2", "at:é"]),
            ("at:", "at:é", 9, &[]),
            ("at:", "b", 9, &[]),
            ("at:", "a", 2, &["at:", "at:1"]),
            ("at:", "", 0, &[]),
            ("x", "", 9, &[]),
            ("", "at:é", 9, &["at;", "grant:1"]),
            ("", "", usize::MAX, &["AT:1", "as:9", "at", "at:", "at:1", "at:2", "at:é", "at;", "grant:1"]),
        ] {
            let listed = store.keys(prefix, after, limit).await;
            assert_eq!(listed, expected, "{} {prefix} {after} {limit}", store.name);
        }
    })
    .await;
}

#[tokio::test]
async fn only_a_database_server_is_shared_between_machines() {
    on_each(async |store| assert_eq!(store.store.is_shared(), store.name == "postgres")).await;
}

#[tokio::test]
async fn debug_shows_no_record() {
    on_each(async |store| {
        assert!(store.commit(&[put("key-of-it", "value-of-it")]).await);
        let shown = format!("{:?}", store.store);
        assert!(!shown.contains("-of-it"), "{shown}");
    })
    .await;
}
