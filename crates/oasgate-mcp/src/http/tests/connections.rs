//! Connections: how many there may be, and how long they may take over what.

use super::*;

/// Half a head.
const HALF: &[u8] = b"POST /mcp HTTP/1.1\r\nhost:";

/// A server with these limits, and where it is.
async fn open(options: ServeOptions) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = crate::http::router(Desk::new().0, Options::default());
    tokio::spawn(crate::http::serve(listener, app, options, std::future::pending()));
    address
}

/// A whole request.
fn whole() -> Vec<u8> {
    let ping = ping().to_string();
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json";
    format!("{head}\r\ncontent-length: {}\r\n\r\n{ping}", ping.len()).into_bytes()
}

/// Waits for the answer to one request.
async fn answered(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("}") {
        assert_ne!(soon(stream.read_buf(&mut answer)).await.unwrap(), 0, "closed instead");
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

/// Closed, with an answer or without, and maybe before all is written.
async fn closed(stream: &mut TcpStream) {
    let _ = soon(stream.read_to_end(&mut Vec::new())).await;
}

#[tokio::test]
async fn connections_are_bounded() {
    let address = open(ServeOptions { connections: 1, ..ServeOptions::default() }).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(&whole()).await.unwrap();
    for _ in 0..3 {
        first.write_all(&whole()).await.unwrap();
    }
    let mut answers = Vec::new();
    while String::from_utf8_lossy(&answers).matches("HTTP/1.1 200").count() < 3 {
        assert_ne!(soon(first.read_buf(&mut answers)).await.unwrap(), 0);
    }
    // The first is served and still open, so the second isn't even read.
    let mut nothing = [0; 1];
    assert_eq!(second.try_read(&mut nothing).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    let mut answer = [0; 12];
    soon(second.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test]
async fn connections_of_one_address_are_bounded() {
    let options = ServeOptions { connections_per_address: 2, ..ServeOptions::default() };
    let address = open(ServeOptions { uncounted: Vec::new(), ..options.clone() }).await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&whole()).await.unwrap();
        answered(&mut stream).await;
        streams.push(stream);
    }
    closed(&mut TcpStream::connect(address).await.unwrap()).await;
    // One that ends makes room.
    drop(streams.pop());
    loop {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut answer = [0; 12];
        if stream.write_all(&whole()).await.is_ok() && soon(stream.read_exact(&mut answer)).await.is_ok() {
            break;
        }
    }
    // Those of this machine are not counted, unless told: what is in front of us may be here.
    let address = open(options).await;
    for _ in 0..5 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&whole()).await.unwrap();
        answered(&mut stream).await;
        streams.push(stream);
    }
}

#[tokio::test]
async fn a_head_that_is_begun_is_ended_soon_and_silence_may_last_longer() {
    let usual = ServeOptions::default();
    assert!(usual.header_timeout <= Duration::from_secs(10) && usual.idle_timeout > usual.header_timeout);
    let soon_ended = Duration::from_millis(50);
    let options =
        ServeOptions { header_timeout: soon_ended, idle_timeout: 3600 * soon_ended, ..usual.clone() };
    let address = open(options).await;
    // Nothing, half a head, and half of a second one.
    closed(&mut TcpStream::connect(address).await.unwrap()).await;
    let mut half = TcpStream::connect(address).await.unwrap();
    let _ = half.write_all(HALF).await;
    closed(&mut half).await;
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(&whole()).await.unwrap();
    answered(&mut second).await;
    let _ = second.write_all(HALF).await;
    closed(&mut second).await;
    // One that comes drop by drop.
    let (mut read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    let dropping = tokio::spawn(async move {
        let _ = write.write_all(HALF).await;
        while write.write_all(b"a").await.is_ok() {
            tokio::time::sleep(soon_ended / 10).await;
        }
    });
    let _ = soon(read.read_to_end(&mut Vec::new())).await;
    dropping.abort();
    // Silence is no head.
    let mut kept = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        kept.write_all(&whole()).await.unwrap();
        answered(&mut kept).await;
        tokio::time::sleep(3 * soon_ended).await;
    }
    // It ends, too.
    let address = open(ServeOptions { idle_timeout: soon_ended, header_timeout: soon_ended, ..usual }).await;
    let mut kept = TcpStream::connect(address).await.unwrap();
    kept.write_all(&whole()).await.unwrap();
    answered(&mut kept).await;
    closed(&mut kept).await;
}
