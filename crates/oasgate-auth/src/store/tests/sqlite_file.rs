//! The file of the SQLite store: who may read it, and which files are none.

use std::os::unix::fs::PermissionsExt as _;

use rusqlite::Connection;

use super::*;

async fn open(path: &std::path::Path) -> Result<Sqlite, String> {
    Sqlite::open(path, Clock::standing(NOW).0).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn its_files_are_its_owners_only() {
    let home = tempfile::tempdir().unwrap();
    let store = open(&home.path().join("store.db")).await.unwrap();
    let made = store.commit(vec![put("a", "1")]).await.unwrap();
    assert_eq!(made, Commit::Made);
    let files: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(Result::unwrap).collect();
    let names: Vec<_> = files.iter().map(|file| file.file_name().into_string().unwrap()).collect();
    assert!(names.iter().any(|name| name == "store.db-wal"), "{names:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[tokio::test]
async fn a_file_that_others_may_read_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("store.db");
    drop(open(&path).await.unwrap());
    for (mode, expected) in
        [(0o600, None), (0o640, Some("chmod 600")), (0o604, Some("chmod 600")), (0o600, None)]
    {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        match (open(&path).await, expected) {
            (Ok(_), None) => {}
            (Err(error), Some(part)) => assert!(error.contains(part), "{error}"),
            (opened, _) => panic!("{mode:o}: {opened:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_no_store_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let another = home.path().join("another.db");
    Connection::open(&another).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    let later = home.path().join("later.db");
    drop(open(&later).await.unwrap());
    Connection::open(&later).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    let text = home.path().join("text.db");
    std::fs::write(&text, "This is no database at all. ".repeat(100)).unwrap();
    for path in [another, later, text, home.path().join("no/such/folder.db"), home.path().to_owned()] {
        if path.is_file() {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let error = open(&path).await.unwrap_err();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
}

#[tokio::test]
async fn records_outlive_the_process_that_made_them() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("store.db");
    for number in 1..4 {
        let store = open(&path).await.unwrap();
        let key = format!("k{number}");
        assert_eq!(store.commit(vec![put(&key, "1")]).await.unwrap(), Commit::Made);
        assert_eq!(store.list("k", "", 9).await.unwrap().len(), number);
    }
}
