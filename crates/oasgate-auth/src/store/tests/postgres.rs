//! What is particular to a database server: tables that others make, connections that end, certificates.

use super::*;

async fn open(url: &Secret) -> Result<Postgres, String> {
    Postgres::open(url, Clock::standing(NOW).0).await.map_err(|error| error.to_string())
}

fn named(url: &Secret) -> String {
    url.expose().rsplit('/').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_start_at_once_make_the_tables_once() {
    let Some(server) = Server::shared() else { return };
    let url = Secret::new(server.new_database());
    let opened = futures_util::future::join_all((0..8).map(|_| open(&url))).await;
    for (number, store) in opened.into_iter().enumerate() {
        let made = store.unwrap().commit(vec![put(&format!("k{number}"), "")]).await.unwrap();
        assert_eq!(made, Commit::Made);
    }
    assert_eq!(server.sql(&named(&url), "SELECT count(*) FROM oasgate_records"), "8\n");
}

#[tokio::test]
async fn who_may_not_make_tables_may_use_those_that_are_there() {
    let Some(server) = Server::shared() else { return };
    let url = Secret::new(server.new_database());
    let database = named(&url);
    server.sql(&database, &format!("CREATE ROLE plain_{database} LOGIN"));
    let plain = Secret::new(url.expose().replace("oasgate@", &format!("plain_{database}@")));
    assert!(open(&plain).await.unwrap_err().contains("permission denied"));
    open(&url).await.unwrap();
    server.sql(
        &database,
        &format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plain_{database};
             GRANT USAGE ON SEQUENCE oasgate_versions TO plain_{database}"
        ),
    );
    let store = open(&plain).await.unwrap();
    assert_eq!(store.commit(vec![put("a", "1"), delete_group("g")]).await.unwrap(), Commit::Made);
}

#[tokio::test]
async fn tables_of_another_version_are_left_alone() {
    let Some(server) = Server::shared() else { return };
    let url = Secret::new(server.new_database());
    open(&url).await.unwrap();
    server.sql(&named(&url), "UPDATE oasgate_store SET format = 2");
    assert!(open(&url).await.unwrap_err().contains("another version"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_of_without_the_password() {
    for url in ["postgres://u:hunter2@127.0.0.1:1/db", "postgres://u:hunter2@%2Fno%2Fsuch%2Ffolder/db"] {
        let error = open(&Secret::new(url)).await.unwrap_err();
        assert!(error.contains("the database: error connecting"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn connections_come_back_after_the_server_was_restarted() {
    let Some(mut server) = Server::start(|_| Vec::new()) else { return };
    let store = open(&Secret::new(server.new_database())).await.unwrap();
    assert_eq!(store.commit(vec![put("a", "1")]).await.unwrap(), Commit::Made);
    server.restart();
    assert!(store.get("a").await.unwrap().is_some(), "what was committed is there");
    server.restart();
    assert_eq!(store.commit(vec![put("b", "1")]).await.unwrap(), Commit::Made);
}

#[tokio::test]
async fn a_connection_that_is_ended_by_the_server_is_replaced() {
    let Some(server) = Server::shared() else { return };
    let url = Secret::new(server.new_database());
    let store = open(&url).await.unwrap();
    for round in 0..5 {
        let database = named(&url);
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()"
        );
        server.sql("postgres", &end);
        assert_eq!(store.commit(vec![put("a", "1")]).await.unwrap(), Commit::Made, "{round}");
    }
}
