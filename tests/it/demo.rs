//! The first thing a reader of the README tries, by a real client, from beginning to end.

use serde_json::json;

use crate::support::client::{Era, ask, over_http};
use crate::support::program::{Server, command};

fn demo(database: Option<&str>) -> Server {
    let mut command = command(&["demo", "--listen", "127.0.0.1:0"]);
    if let Some(database) = database {
        command.args(["--database", database]);
    }
    Server::start(command)
}

/// The page that a person would look at.
async fn page(server: &Server) -> String {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.get(server.reported("page")).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn lists_and_tasks_are_made_read_deleted_shown_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("tasks.sqlite");
    let database = database.to_str().unwrap();
    let server = demo(Some(database));
    let client = over_http(&server.url, Era::Modern).await;

    let list = ask(&client, "createList", json!({"title": "Groceries"})).await;
    let mut tasks = Vec::new();
    for title in ["Milk", "Bread & butter", "Apples"] {
        let task = ask(&client, "createTask", json!({"listId": list["id"], "title": title})).await;
        tasks.push(task["id"].clone());
    }
    ask(&client, "deleteTask", json!({"taskId": tasks[0]})).await;
    let left = ask(&client, "listTasks", json!({"listId": list["id"]})).await;
    let titles: Vec<_> = left["items"].as_array().unwrap().iter().map(|task| &task["title"]).collect();
    assert_eq!(titles, ["Bread & butter", "Apples"]);

    let shown = page(&server).await;
    assert!(
        shown.contains("Groceries") && shown.contains("Bread &amp; butter") && !shown.contains("Milk"),
        "{shown}"
    );

    drop(client);
    server.terminate();
    let (code, _) = tokio::task::spawn_blocking(|| server.end()).await.unwrap();
    assert_eq!(code, Some(0));

    let server = demo(Some(database));
    let client = over_http(&server.url, Era::Legacy).await;
    let kept = ask(&client, "listTasks", json!({"listId": list["id"]})).await;
    assert_eq!(kept, left);
    assert!(page(&server).await.contains("Apples"));
}

#[test]
fn it_tells_how_to_add_it_to_each_client() {
    let server = demo(None);
    let url = server.url.clone();
    server.terminate();
    let (_, said) = server.end();
    for client in ["Claude Code", "Claude Desktop", "Cursor", "Codex", "ChatGPT"] {
        assert!(said.contains(client), "{client}: {said}");
    }
    assert!(said.contains(&format!("claude mcp add --transport http tasklist {url}")), "{said}");
}
