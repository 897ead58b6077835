use std::collections::BTreeMap;

use proptest::prelude::*;

use super::Change;
use crate::store::{Expect, Write};

type Records = BTreeMap<String, (Option<String>, Vec<u8>)>;

/// The writes one after the other, as they are meant.
fn in_order(mut records: Records, writes: &[Write]) -> Records {
    for write in writes {
        match write {
            Write::Put { key, group, value, .. } => {
                records.insert(key.clone(), (group.clone(), value.clone()));
            }
            Write::Delete { key, .. } => drop(records.remove(key)),
            Write::DeleteGroup(group) => records.retain(|_, (own, _)| own.as_ref() != Some(group)),
        }
    }
    records
}

/// The sets, as the server is told them.
fn as_sets(mut records: Records, change: &Change<'_>) -> Records {
    records.retain(|key, (group, _)| {
        let goes_with_group = group.as_deref().is_some_and(|group| change.removed_groups.contains(group));
        !goes_with_group && !change.removed_keys.contains(key.as_str())
    });
    for (key, row) in &change.set {
        records.insert((*key).to_owned(), (row.group.map(str::to_owned), row.value.to_vec()));
    }
    records
}

fn key() -> impl Strategy<Value = String> {
    "[a-d]"
}

fn group() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[g-i]")
}

fn write() -> impl Strategy<Value = Write> {
    let expect = Expect::Anything;
    prop_oneof![
        3 => (key(), group(), prop::collection::vec(any::<u8>(), 1)).prop_map(move |(key, group, value)| {
            Write::Put { key, group, value, expires: 1, expect }
        }),
        1 => key().prop_map(move |key| Write::Delete { key, expect }),
        1 => "[g-i]".prop_map(Write::DeleteGroup),
    ]
}

proptest! {
    #[test]
    fn sets_come_to_the_same_as_the_writes_in_order(
        records in prop::collection::btree_map(key(), (group(), prop::collection::vec(any::<u8>(), 1)), 0..4),
        writes in prop::collection::vec(write(), 0..8),
    ) {
        prop_assert_eq!(as_sets(records.clone(), &Change::of(&writes)), in_order(records, &writes));
    }

    #[test]
    fn everything_that_is_touched_is_locked(writes in prop::collection::vec(write(), 0..8)) {
        let change = Change::of(&writes);
        for write in &writes {
            let names = match write {
                Write::Put { key, group, .. } => {
                    vec![Some(format!("record {key}")), group.as_ref().map(|group| format!("group {group}"))]
                }
                Write::Delete { key, .. } => vec![Some(format!("record {key}"))],
                Write::DeleteGroup(group) => vec![Some(format!("group {group}"))],
            };
            prop_assert!(names.into_iter().flatten().all(|name| change.locks.contains(&name)));
        }
    }
}
