//! How many connections may be open: all together, and from one address. Knows nothing of what they carry.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places there are.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    of_one: usize,
    /// Addresses for which nobody counts.
    uncounted: Vec<IpNet>,
    taken: Taken,
}

type Taken = Arc<Mutex<HashMap<IpAddr, One>>>;

/// What an address has taken.
#[derive(Debug, Default)]
struct One {
    places: usize,
    /// Whether the operator has been told that it has all it may have.
    is_told: bool,
}

/// A place. Others may have it once this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _one_of_all: Option<OwnedSemaphorePermit>,
    _one_of_address: Option<Counted>,
}

/// One of the places of an address.
#[derive(Debug)]
struct Counted {
    address: IpAddr,
    taken: Taken,
}

impl Places {
    /// So many in all, and so many for each address; no limit for an address if that is 0.
    pub(crate) fn new(all: usize, of_one: usize, uncounted: Vec<IpNet>) -> Self {
        let all = Arc::new(Semaphore::new(all.clamp(1, Semaphore::MAX_PERMITS)));
        Self { all, of_one, uncounted, taken: Taken::default() }
    }

    /// A place for whoever comes next, when there is one.
    pub(crate) async fn next(&self) -> Place {
        // Fails only when it is closed, which it never is.
        Place { _one_of_all: Arc::clone(&self.all).acquire_owned().await.ok(), _one_of_address: None }
    }

    /// The same place for who has come. None if their address has all it may have.
    pub(crate) fn seat(&self, place: Place, client: IpAddr) -> Option<Place> {
        let client = client.to_canonical();
        if self.of_one == 0 || self.uncounted.iter().any(|network| network.contains(&client)) {
            return Some(place);
        }
        let address = network(client);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let one = taken.entry(address).or_default();
        if one.places < self.of_one {
            one.places += 1;
            let counted = Counted { address, taken: Arc::clone(&self.taken) };
            return Some(Place { _one_of_address: Some(counted), ..place });
        }
        if !std::mem::replace(&mut one.is_told, true) {
            tracing::warn!(
                %address,
                limit = self.of_one,
                "an address has as many connections as one may have, and gets no more; if it is a proxy, trust it, or \
                 raise the limit"
            );
        }
        None
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(one) = taken.get_mut(&self.address) else { return };
        one.places = one.places.saturating_sub(1);
        if one.places == 0 {
            taken.remove(&self.address);
        }
    }
}

/// What one subscriber has (RFC 6177): an IPv4 address, or a network of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_has_so_many_and_others_have_theirs() {
        let trusted = vec!["10.0.0.0/8".parse().unwrap()];
        let places = Places::new(1000, 2, trusted);
        let mut taken = Vec::new();
        for (client, is_seated) in [
            ("203.0.113.5", true),
            ("::ffff:203.0.113.5", true),
            ("203.0.113.5", false),
            ("203.0.113.6", true),
            ("2001:db8:1:2::1", true),
            ("2001:db8:1:2::2", true),
            ("2001:db8:1:2:ffff::3", false),
            ("2001:db8:1:3::1", true),
            ("10.1.2.3", true),
            ("10.1.2.3", true),
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
        ] {
            let place = places.next().await;
            let place = places.seat(place, client.parse().unwrap());
            assert_eq!(place.is_some(), is_seated, "{client}");
            taken.extend(place);
        }
        drop(taken.remove(0));
        let place = places.next().await;
        taken.extend(places.seat(place, "203.0.113.5".parse().unwrap()));
        assert_eq!(places.all.available_permits(), 1000 - taken.len(), "who was sent away holds none");
        drop(taken);
        assert!(places.taken.lock().unwrap().is_empty(), "nothing is remembered of who has gone");
    }
}
