//! How the endpoint responds, decided without I/O.

use std::time::Duration;

/// How the endpoint treats every POST until the next change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Behaviour {
    /// Accepts every item.
    Ok,
    /// Refuses connections: nothing listens on the port.
    Refuse,
    /// Accepts connections and reads requests, but never responds.
    Hang,
    /// Responds with a status, and with a `Retry-After` of seconds.
    Status(u16, Option<u64>),
    /// Responds with 400 to a batch that holds this item, without the item's index.
    Poison(u64),
    /// Responds with 413 to a batch of more items.
    MaxItems(usize),
    /// Responds with 308 and this location.
    Redirect(String),
    /// Accepts every item after a pause.
    Slow(Duration),
}

/// One response: the status, and a header line that ends with `\r\n`, or nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Decision {
    pub(crate) status: u16,
    pub(crate) header: String,
    pub(crate) delay: Duration,
}

impl Decision {
    fn new(status: u16) -> Self {
        Self { status, header: String::new(), delay: Duration::ZERO }
    }
}

impl Behaviour {
    /// The response to a batch with these items. `None`: no response at all.
    pub(crate) fn decide(&self, ids: &[u64], items: usize) -> Option<Decision> {
        Some(match self {
            Self::Refuse | Self::Hang => return None,
            Self::Poison(id) if ids.contains(id) => Decision::new(400),
            Self::MaxItems(most) if items > *most => Decision::new(413),
            Self::Ok | Self::Poison(_) | Self::MaxItems(_) => Decision::new(200),
            Self::Slow(delay) => Decision { delay: *delay, ..Decision::new(200) },
            Self::Status(status, seconds) => {
                let header = seconds.map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
                Decision { header, ..Decision::new(*status) }
            }
            Self::Redirect(location) => Decision { header: format!("location: {location}\r\n"), ..Decision::new(308) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_batch_with_the_poisoned_item_is_refused() {
        let status = |ids: &[u64]| Behaviour::Poison(3).decide(ids, ids.len()).map(|decision| decision.status);
        assert_eq!((status(&[1, 2]), status(&[1, 3])), (Some(200), Some(400)));
    }

    #[test]
    fn a_hanging_endpoint_has_no_response() {
        assert_eq!(Behaviour::Hang.decide(&[1], 1), None);
    }
}
