//! Which addresses requests may go to.
//!
//! Who serves others must not be led by a description, or by the answer of a name server, to what only machines inside
//! can reach. So the address itself is looked at, at the moment a connection is made to it: a name that is looked up a
//! second time cannot have become another.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::{Fault, target};

#[cfg(test)]
mod tests;

/// Which addresses are within reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// All that this machine can reach.
    Everywhere,
    /// Those that everybody can reach: the public internet.
    Public,
}

/// Looks names up, and keeps the addresses within reach.
#[derive(Clone)]
pub(super) struct Names {
    reach: Reach,
    look_up: LookUp,
}

/// Asks for the addresses of a name.
type LookUp = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// A name that has no address but private ones.
#[derive(Debug, thiserror::Error)]
#[error("its address is private")]
pub(super) struct Private;

impl Reach {
    /// Refuses a URI whose host is an address out of reach: such a host is not looked up. What is no address in this
    /// form, as `0x7f.1`, is looked up.
    pub(super) fn admits(self, uri: &Uri) -> Result<(), Fault> {
        if self == Self::Everywhere {
            return Ok(());
        }
        let host = uri.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match host.parse() {
            Ok(address) if !is_public(address) => Err(Fault::Private { origin: target::name(uri) }),
            _ => Ok(()),
        }
    }

    fn within(self, mut found: Vec<SocketAddr>) -> io::Result<IntoIter<SocketAddr>> {
        let had_any = !found.is_empty();
        found.retain(|address| self == Self::Everywhere || is_public(address.ip()));
        if found.is_empty() && had_any {
            return Err(io::Error::other(Private));
        }
        Ok(found.into_iter())
    }
}

impl Names {
    /// By the resolver of the system.
    pub(super) fn of(reach: Reach) -> Self {
        Self::by(reach, |name| {
            Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) })
        })
    }

    /// By another one.
    pub(super) fn by(
        reach: Reach,
        look_up: impl Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync + 'static,
    ) -> Self {
        Self { reach, look_up: Arc::new(look_up) }
    }
}

impl Service<Name> for Names {
    type Response = IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (reach, found) = (self.reach, (self.look_up)(name.as_str().to_owned()));
        Box::pin(async move { reach.within(found.await?) })
    }
}

/// Whether everybody can reach the address (IANA, Special-Purpose Address Registries), and it is not one at which
/// clouds tell machines their secrets.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private use, loopback, multicast and reserved.
        [0 | 10 | 127 | 224..=255, ..] => true,
        // Shared by carriers; the metadata of one cloud is here.
        [100, 64..=127, ..] => true,
        // Link-local; the metadata of most clouds is here.
        [169, 254, ..] => true,
        [172, 16..=31, ..] | [192, 168, ..] => true,
        // Protocol assignments, documentation, 6to4 relays.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Benchmarks.
        [198, 18 | 19, ..] => true,
        // A public address that one cloud answers at inside of every machine.
        [168, 63, 129, 16] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    match segments {
        // An IPv4 address as an IPv6 one (RFC 4291, 2.5.5.2), or behind a translator (RFC 6052, 2.1).
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(embedded(address)),
        // Protocol assignments with Teredo among them, documentation, 6to4.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // An IPv4 address in an interface identifier (ISATAP, RFC 5214, 6.1).
        [0x2000..=0x3fff, _, _, _, 0 | 0x200, 0x5efe, ..] => is_public_v4(embedded(address)),
        // Global unicast is 2000::/3 (RFC 4291, 2.4); nothing else has been given out.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

fn embedded(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}
