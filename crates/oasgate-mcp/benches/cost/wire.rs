//! Messages over TCP, from a client that allocates nothing, to a server on a thread of its own.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oasgate_mcp::http;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::cases::Case;
use crate::clock::Clock;
use crate::{Cost, Failure, allocations, echo};

/// More than the longest answer has.
const ROOM: usize = 1024 * 1024;

/// A server, as long as the process lives.
pub(crate) struct Server {
    address: SocketAddr,
    clock: Clock,
}

impl Server {
    pub(crate) fn start() -> Result<Self, Failure> {
        let app = echo::router()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let (told, told_by_thread) = mpsc::channel();
        thread::spawn(move || {
            let is_heard = told.send(Clock::of_this_thread());
            let serving = http::serve(listener, app, http::ServeOptions::default(), std::future::pending());
            is_heard.map(|()| runtime.block_on(serving))
        });
        Ok(Self { address, clock: told_by_thread.recv()? })
    }
}

/// The mean of CPU time in the best of ten runs, and the allocations, over connections that are kept open.
pub(crate) fn measure(server: &Server, case: &Case) -> Result<Cost, Failure> {
    let mut client = Client::connect(server.address, case)?;
    let turns = case.rounds / u32::try_from(case.connections)?;
    let messages = turns * u32::try_from(case.connections)?;
    client.take_turns(turns.div_ceil(10))?;
    let mut cpu = Duration::MAX;
    for _ in 0..10 {
        let begun = server.clock.spent();
        client.take_turns(turns)?;
        cpu = cpu.min((server.clock.spent() - begun) / messages);
    }
    let counted = 10 * case.connections;
    let (allocations, bytes, done) = allocations(counted, || client.take_turns(10));
    done?;
    Ok(Cost { cpu, allocations, bytes })
}

struct Client {
    connections: Vec<TcpStream>,
    /// The message, with its head.
    request: Vec<u8>,
    at_least: usize,
    /// For the answer.
    room: Box<[u8]>,
}

impl Client {
    fn connect(address: SocketAddr, case: &Case) -> Result<Self, Failure> {
        let connect = || {
            let connection = TcpStream::connect(address)?;
            connection.set_nodelay(true)?;
            Ok(connection)
        };
        let connections = (0..case.connections).map(|_| connect()).collect::<Result<_, Failure>>()?;
        let body = case.message.to_string();
        let mut request = format!("POST /mcp HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in case.headers() {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request.extend(["\r\n", &body]);
        let room = vec![0; ROOM].into_boxed_slice();
        Ok(Self { connections, request: request.into_bytes(), at_least: case.at_least, room })
    }

    /// Sends the message on all connections, and reads the answers of all, so often.
    fn take_turns(&mut self, turns: u32) -> Result<(), Failure> {
        for _ in 0..turns {
            for connection in &mut self.connections {
                connection.write_all(&self.request)?;
            }
            for connection in &mut self.connections {
                let length = answer(connection, &mut self.room)?;
                assert!(length >= self.at_least, "not the answer that was asked for: {length} bytes");
            }
        }
        Ok(())
    }
}

/// Reads an answer: the length of its body.
fn answer(connection: &mut TcpStream, room: &mut [u8]) -> Result<usize, Failure> {
    let (mut read, mut whole) = (0, None);
    while whole.is_none_or(|(head, body)| read < head + body) {
        let more = connection.read(room.get_mut(read..).ok_or("the answer is too long")?)?;
        if more == 0 {
            return Err("the connection has ended".into());
        }
        read += more;
        whole = whole.or_else(|| lengths(room.get(..read)?));
    }
    whole.map(|(_, body)| body).ok_or_else(|| "no answer".into())
}

/// How long the head and the body of an answer are, when the whole head is there.
fn lengths(answer: &[u8]) -> Option<(usize, usize)> {
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let mut lines = std::str::from_utf8(answer.get(..head)?).ok()?.split("\r\n");
    assert_eq!(lines.next(), Some("HTTP/1.1 200 OK"));
    let length = lines.filter_map(|line| line.split_once(": ")).find(|(name, _)| *name == "content-length");
    Some((head, length?.1.parse().ok()?))
}
