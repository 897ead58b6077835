//! Where a request comes from: who has connected, or whom a proxy of the operator's says that it speaks for.
//!
//! `X-Forwarded-For` can be written by anybody. It is read from its end, where the nearest proxy has written, and only as
//! far as proxies are known; what a client has put at its beginning is never reached. `Forwarded` (RFC 7239) is not read:
//! two fields that say different things would be one too many.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::request::Parts;
use ipnet::IpNet;

#[cfg(test)]
mod tests;

/// The text under which requests from one place are counted: an IPv4 address, or the network of an IPv6 address, which is
/// what one subscriber has (RFC 6177). The same for all whose address is not known: those on a socket without any.
pub(crate) fn of(request: &Parts, trusted: &[IpNet]) -> String {
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    match peer {
        Some(peer) => network(behind(peer, request, trusted)).to_string(),
        None => "unknown".to_owned(),
    }
}

/// The first address, from the nearest on, that is no trusted proxy's; the last trusted one if there is none.
fn behind(peer: IpAddr, request: &Parts, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut known = peer.to_canonical();
    let fields = request.headers.get_all("x-forwarded-for").iter().rev();
    // Several fields are one list (RFC 9110, 5.3).
    for entry in fields.flat_map(|field| field.as_bytes().rsplit(|byte| *byte == b',')) {
        if !is_trusted(&known) {
            break;
        }
        // Whatever comes before something that is no address was not written by a proxy that is known.
        let Some(address) = std::str::from_utf8(entry).ok().and_then(read) else { break };
        known = address.to_canonical();
    }
    known
}

/// An address as proxies write it: alone, or with a port.
fn read(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    text.parse().ok().or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip())).or_else(bare)
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}
