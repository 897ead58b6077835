//! Several processes on one store: this test, run again by itself.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::races::{judge, play, set_up};
use super::*;

/// What a process that is started by this one finds in its environment.
const NAME: &str = "OASGATE_TEST_PLAYER";
const STORE: &str = "OASGATE_TEST_STORE";
const ROUNDS: &str = "OASGATE_TEST_ROUNDS";
/// What it writes before each thing that it has got.
const SAID: &str = "said ";

#[tokio::test]
async fn processes_play_for_the_same_records() {
    if is_player().await {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for at in places(home.path()) {
        let store = open(&at).await;
        set_up(&*store, 12).await;
        let mut players =
            ["left", "right"].map(|name| start("processes_play_for_the_same_records", name, &at, 12));
        begin(&*store, &mut players).await;
        let said: Vec<String> = players.into_iter().flat_map(|player| finish(player).unwrap()).collect();
        judge(&*store, 12, Some(2 * TASKS), &said).await;
    }
}

#[tokio::test]
async fn a_process_that_is_killed_loses_nothing_that_it_has_committed() {
    if is_player().await {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for at in places(home.path()) {
        let store = open(&at).await;
        set_up(&*store, 24).await;
        let name = "a_process_that_is_killed_loses_nothing_that_it_has_committed";
        let mut players = ["victim", "survivor"].map(|player| start(name, player, &at, 24));
        begin(&*store, &mut players).await;
        let [mut victim, survivor] = players;
        // In the middle: it has got something, and there is more to get.
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut said: Vec<String> = lines.by_ref().filter_map(|line| heard(&line)).take(20).collect();
        assert_eq!(said.len(), 20);
        victim.kill().unwrap();
        victim.wait().unwrap();
        said.extend(lines.filter_map(|line| heard(&line)));
        said.extend(finish(survivor).unwrap());
        judge(&*store, 24, None, &said).await;
    }
}

/// The tasks of a process.
const TASKS: usize = 3;

/// Whether this is a process that another one has started: then it has played.
async fn is_player() -> bool {
    let (Ok(name), Ok(at), Ok(rounds)) = (std::env::var(NAME), std::env::var(STORE), std::env::var(ROUNDS))
    else {
        return false;
    };
    let store = open(&at).await;
    assert_eq!(store.commit(vec![put(&format!("ready:{name}"), "")]).await.unwrap(), Commit::Made);
    while store.get("go").await.unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let rounds: usize = rounds.parse().unwrap();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (store, name) = (Arc::clone(&store), format!("{name}{task}"));
            tokio::spawn(async move {
                play(&*store, &name, rounds, |trace| {
                    // At once, so that it is known of one that is killed.
                    writeln!(std::io::stdout(), "{SAID}{trace}").unwrap();
                })
                .await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    true
}

/// A file, and a database if there is a server.
fn places(home: &Path) -> Vec<String> {
    let file = format!("sqlite {}", home.join("store.db").display());
    let database = Server::shared().map(|server| format!("postgres {}", server.new_database()));
    std::iter::once(file).chain(database).collect()
}

async fn open(at: &str) -> Arc<dyn Store> {
    let (kind, place) = at.split_once(' ').unwrap();
    let (clock, _) = Clock::standing(NOW);
    match kind {
        "sqlite" => Arc::new(Sqlite::open(place, clock).await.unwrap()),
        "postgres" => Arc::new(Postgres::open(&Secret::new(place), clock).await.unwrap()),
        other => panic!("{other}"),
    }
}

fn start(test: &str, name: &str, at: &str, rounds: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("store::tests::processes::{test}"), "--nocapture"])
        .env(NAME, name)
        .env(STORE, at)
        .env(ROUNDS, rounds.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets all players begin at once, as soon as they are there.
async fn begin(store: &dyn Store, players: &mut [Child]) {
    while store.list("ready:", "", 9).await.unwrap().len() < players.len() {
        for player in &mut *players {
            assert_eq!(player.try_wait().unwrap(), None, "a player has left");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(store.commit(vec![put("go", "")]).await.unwrap(), Commit::Made);
}

fn finish(player: Child) -> Option<Vec<String>> {
    let done = player.wait_with_output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{text}");
    Some(text.lines().filter_map(heard).collect())
}

fn heard(line: &str) -> Option<String> {
    // The first may stand behind what the test harness says.
    line.split_once(SAID).map(|(_, trace)| trace.to_owned())
}
