//! What all answers may take together.

use super::*;

#[tokio::test]
async fn answers_share_their_room_and_give_it_back() {
    let server = Server::start(ok(&[b'x'; 60], "")).await;
    let upstream = Upstream::direct(Limits { memory: 100, ..Limits::DEFAULT }).unwrap();
    let ask = async || {
        let request = Request::get(&server.origin).body(Bytes::new()).unwrap();
        upstream.send(request, Redirects::SameOrigin).await
    };
    let first = ask().await.unwrap();
    let no_room = Fault::NoRoom { origin: server.origin.clone(), limit: 100 };
    assert_eq!(ask().await.unwrap_err(), no_room);
    // A part of an answer keeps the whole of it.
    let part = first.body().slice(..1);
    drop(first);
    assert_eq!(ask().await.unwrap_err(), no_room);
    drop(part);
    assert_eq!(ask().await.unwrap().body().len(), 60);
    assert_eq!(ask().await.unwrap().body().len(), 60);
}

#[tokio::test]
async fn what_is_not_there_to_its_end_takes_room_as_well() {
    let server = Server::start(Answer::Hang("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf of it")).await;
    let limits = Limits { memory: 15, idle: Duration::from_millis(50), ..Limits::DEFAULT };
    let upstream = Upstream::direct(limits).unwrap();
    let ask = async || {
        let request = Request::post(&server.origin).body(Bytes::new()).unwrap();
        upstream.send(request, Redirects::SameOrigin).await.unwrap_err()
    };
    let (first, second) = tokio::join!(ask(), ask());
    let idle = Fault::Idle { origin: server.origin.clone(), after: limits.idle };
    let no_room = Fault::NoRoom { origin: server.origin.clone(), limit: 15 };
    assert!(
        [&first, &second].contains(&&idle) && [&first, &second].contains(&&no_room),
        "{first:?} {second:?}"
    );
    // What is given up gives its room back.
    assert_eq!(ask().await, idle);
}
