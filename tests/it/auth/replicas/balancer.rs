//! What stands before replicas: each connection goes to the next one that takes it.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Passes connections on, to ports of this machine.
#[derive(Clone, Default)]
pub(super) struct Balancer {
    ports: Arc<Mutex<Vec<u16>>>,
    turn: Arc<AtomicUsize>,
}

impl Balancer {
    /// One that listens, and the port it listens on.
    pub(super) async fn start() -> (Self, u16) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let balancer = Self::default();
        let own = balancer.clone();
        tokio::spawn(async move {
            loop {
                let (mut inner, own) = (listener.accept().await.unwrap().0, own.clone());
                tokio::spawn(async move {
                    if let Some(mut outer) = own.connect().await {
                        drop(copy_bidirectional(&mut inner, &mut outer).await);
                    }
                });
            }
        });
        (balancer, port)
    }

    /// Where connections go from now on.
    pub(super) fn lead_to(&self, ports: &[u16]) {
        *self.ports.lock().unwrap() = ports.to_vec();
    }

    async fn connect(&self) -> Option<TcpStream> {
        let ports = self.ports.lock().unwrap().clone();
        for _ in &ports {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            if let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, ports[turn % ports.len()])).await {
                return Some(stream);
            }
        }
        None
    }
}
