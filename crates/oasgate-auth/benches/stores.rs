//! What a store costs: a look, and a commit as a refresh token's rotation makes it.
//!
//! `cargo bench -p oasgate-auth`; with `OASGATE_BENCH_POSTGRES=postgres://...` the database there is measured, too.
#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to say")]

use divan::Bencher;
use divan::counter::ItemsCount;
use futures_util::future::try_join_all;
use oasgate_auth::{Clock, Commit, Expect, Memory, Postgres, Secret, Sqlite, Store, StoreError, Write};
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

/// How many there are at once.
const AT_ONCE: [usize; 3] = [1, 8, 64];

#[divan::bench(args = ["memory", "sqlite", "postgres"])]
fn get(bencher: Bencher<'_, '_>, kind: &str) {
    let Some(subject) = Subject::new(kind) else { return };
    let made = subject.runtime.block_on(subject.rotate(0)).expect("a store that takes commits");
    assert_eq!(made, Commit::Made);
    bencher
        .bench_local(|| subject.runtime.block_on(subject.store.get("grant:0")).map(|entry| entry.is_some()));
}

#[divan::bench(args = ["memory", "sqlite", "postgres"], consts = AT_ONCE)]
fn rotate<const N: usize>(bencher: Bencher<'_, '_>, kind: &str) {
    let Some(subject) = Subject::new(kind) else { return };
    bencher.counter(ItemsCount::new(N)).bench_local(|| {
        subject.runtime.block_on(try_join_all((0..N).map(|grant| subject.rotate(grant)))).map(|all| all.len())
    });
}

struct Subject {
    runtime: Runtime,
    store: Box<dyn Store>,
    _home: tempfile::TempDir,
}

impl Subject {
    /// None for a database that is not there.
    fn new(kind: &str) -> Option<Self> {
        let runtime = Runtime::new().expect("a runtime");
        let home = tempfile::tempdir().expect("a folder");
        let clock = Clock::system();
        let store: Box<dyn Store> = match kind {
            "memory" => Box::new(Memory::new(clock)),
            "sqlite" => {
                let opened = runtime.block_on(Sqlite::open(home.path().join("store.db"), clock));
                Box::new(opened.expect("a file"))
            }
            _ => {
                let url = Secret::new(std::env::var("OASGATE_BENCH_POSTGRES").ok()?);
                Box::new(runtime.block_on(Postgres::open(&url, clock)).expect("a database"))
            }
        };
        Some(Self { runtime, store, _home: home })
    }

    /// The grant, its new refresh token and its new access token; the old refresh token goes.
    async fn rotate(&self, grant: usize) -> Result<Commit, StoreError> {
        let expires = Clock::system().now() + 3600;
        let put = |key: String| Write::Put {
            key,
            group: Some(format!("{grant}")),
            value: vec![7; 500],
            expires,
            expect: Expect::Anything,
        };
        let old = Write::Delete { key: format!("rt:{grant}:old"), expect: Expect::Anything };
        let writes =
            vec![put(format!("grant:{grant}")), put(format!("rt:{grant}")), put(format!("at:{grant}")), old];
        self.store.commit(writes).await
    }
}
