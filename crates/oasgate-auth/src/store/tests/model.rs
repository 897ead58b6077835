//! Every store against the plainest one there could be: a list that is looked through.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

/// What happens to a store. Versions are named by when they were seen: a model has others than a store.
#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<Change>),
    Pass(Timestamp),
    Sweep,
}

#[derive(Debug, Clone)]
enum Change {
    Put { key: &'static str, group: Option<&'static str>, ttl: Timestamp, expect: Wanted },
    Delete { key: &'static str, expect: Wanted },
    DeleteGroup(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Wanted {
    Anything,
    Absent,
    /// The version that was seen last, though the record may have gone since.
    Seen,
}

#[derive(Debug, Clone, PartialEq)]
struct Record {
    key: &'static str,
    group: Option<&'static str>,
    value: u64,
    expires: Timestamp,
}

#[derive(Default)]
struct Model {
    now: Timestamp,
    records: Vec<Record>,
    /// The value that each key had when it was last seen. Values are never used again.
    seen: Vec<(&'static str, u64)>,
    last: u64,
}

impl Model {
    fn live(&self, key: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.key == key && record.expires > self.now)
    }

    fn seen(&self, key: &str) -> Option<u64> {
        self.seen.iter().rfind(|(own, _)| *own == key).map(|(_, value)| *value)
    }

    fn allows(&self, key: &str, expect: Wanted) -> bool {
        let live = self.live(key).map(|record| record.value);
        match expect {
            Wanted::Anything => true,
            Wanted::Absent => live.is_none(),
            Wanted::Seen => live.is_some() && live == self.seen(key),
        }
    }

    /// Whether it is made, and the values that are put.
    fn commit(&mut self, changes: &[Change]) -> (bool, Vec<u64>) {
        let values: Vec<u64> = changes
            .iter()
            .map(|_| {
                self.last += 1;
                self.last
            })
            .collect();
        let is_met = changes.iter().all(|change| match change {
            Change::Put { key, expect, .. } | Change::Delete { key, expect } => self.allows(key, *expect),
            Change::DeleteGroup(_) => true,
        });
        for (change, &value) in changes.iter().zip(&values).filter(|_| is_met) {
            match *change {
                Change::Put { key, group, ttl, .. } => {
                    self.records.retain(|record| record.key != key);
                    self.records.push(Record { key, group, value, expires: self.now + ttl });
                }
                Change::Delete { key, .. } => self.records.retain(|record| record.key != key),
                Change::DeleteGroup(group) => self.records.retain(|record| record.group != Some(group)),
            }
        }
        (is_met, values)
    }
}

const KEYS: [&str; 3] = ["a", "b", "c"];

fn step() -> impl Strategy<Value = Step> {
    let key = || prop::sample::select(KEYS.to_vec());
    let group = || prop::sample::select(vec!["g", "h"]);
    let expect = || prop::sample::select(vec![Wanted::Anything, Wanted::Absent, Wanted::Seen]);
    let change = prop_oneof![
        4 => (key(), prop::option::of(group()), 0..5_i64, expect())
            .prop_map(|(key, group, ttl, expect)| Change::Put { key, group, ttl, expect }),
        1 => (key(), expect()).prop_map(|(key, expect)| Change::Delete { key, expect }),
        1 => group().prop_map(Change::DeleteGroup),
    ];
    prop_oneof![
        6 => prop::collection::vec(change, 1..4).prop_map(Step::Commit),
        1 => (0..3_i64).prop_map(Step::Pass),
        1 => Just(Step::Sweep),
    ]
}

/// Does to a store what is done to the model, and compares after every step.
async fn follows(store: &Subject, steps: &[Step]) {
    assert!(store.commit(&KEYS.map(|key| delete(key, Expect::Anything))).await);
    let mut model = Model::default();
    let begin = store.clock.now();
    let mut versions: Vec<(&str, u64)> = Vec::new();
    for step in steps {
        match step {
            Step::Pass(seconds) => {
                model.now += seconds;
                store.hand.advance(*seconds);
            }
            Step::Sweep => drop(store.store.sweep().await.unwrap()),
            Step::Commit(changes) => {
                let (is_made, values) = model.commit(changes);
                let writes: Vec<Write> = changes
                    .iter()
                    .zip(values)
                    .map(|(change, value)| write(change, value, begin + model.now, &versions))
                    .collect();
                assert_eq!(store.commit(&writes).await, is_made, "{} {step:?} of {steps:?}", store.name);
            }
        }
        for key in KEYS {
            let found = store.get(key).await;
            let expected = model.live(key).map(|record| record.value.to_string().into_bytes());
            assert_eq!(found.as_ref().map(|entry| entry.value.clone()), expected, "{} {steps:?}", store.name);
            if let Some(entry) = found {
                versions.push((key, entry.version));
                model.seen.extend(model.live(key).map(|record| (key, record.value)));
            }
        }
    }
}

fn write(change: &Change, value: u64, now: Timestamp, versions: &[(&str, u64)]) -> Write {
    let expect = |key: &str, wanted| match wanted {
        Wanted::Anything => Expect::Anything,
        Wanted::Absent => Expect::Absent,
        Wanted::Seen => Expect::Version(
            versions.iter().rfind(|(own, _)| *own == key).map_or(u64::MAX >> 1, |seen| seen.1),
        ),
    };
    match *change {
        Change::Put { key, group, ttl, expect: wanted } => Write::Put {
            key: key.to_owned(),
            group: group.map(str::to_owned),
            value: value.to_string().into(),
            expires: now + ttl,
            expect: expect(key, wanted),
        },
        Change::Delete { key, expect: wanted } => delete(key, expect(key, wanted)),
        Change::DeleteGroup(group) => delete_group(group),
    }
}

#[tokio::test]
async fn every_store_does_what_the_model_does() {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let sample = |runner: &mut TestRunner, strategy: &BoxedStrategy<Vec<Step>>| {
        strategy.new_tree(runner).unwrap().current()
    };
    let strategy = prop::collection::vec(step(), 1..24).boxed();
    for (subject, cases) in [(Some(memory()), 500), (Some(sqlite().await), 30), (postgres().await, 60)] {
        let Some(subject) = subject else { continue };
        for _ in 0..cases {
            follows(&subject, &sample(&mut runner, &strategy)).await;
        }
    }
}
