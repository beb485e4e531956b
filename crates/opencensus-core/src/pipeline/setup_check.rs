//! Checks by the first requests whether the middleware is where it belongs.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::Instant;

use crate::telemetry::{RequestRecord, TelemetryItem};

/// How long after its start the pipeline checks, unless it ends before.
const AFTER: Duration = Duration::from_secs(60);

/// Warnings about middleware that is in the wrong place. Each is logged at most once, a minute after the start or when
/// the pipeline ends. `None`: not checked. The worker checks the items that it takes from the queue, until it knows.
///
/// # Examples
///
/// ```
/// use opencensus_core::PipelineOptions;
///
/// let mut options = PipelineOptions::default();
/// options.setup_check.no_requests = Some("add the layer after the routes".into());
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct SetupCheck {
    /// Other items were recorded, and no request has begun.
    pub no_requests: Option<Cow<'static, str>>,
    /// Requests were recorded, and none of them has a route or a name. Responses with the status 404 or 405 do not count.
    pub no_routes: Option<Cow<'static, str>>,
    /// Requests were recorded, and none of them has the address of a peer.
    pub no_peers: Option<Cow<'static, str>>,
}

/// What the items so far have in common.
#[derive(Debug)]
pub(super) struct SetupWatch {
    check: SetupCheck,
    due: Instant,
    has_items: bool,
    has_requests: bool,
    has_unrouted: bool,
}

impl SetupWatch {
    pub(super) fn new(check: SetupCheck, now: Instant) -> Self {
        Self { check, due: now + AFTER, has_items: false, has_requests: false, has_unrouted: false }
    }

    /// Takes note of an item that the worker takes from the queue.
    pub(super) fn observe(&mut self, item: &TelemetryItem) {
        self.has_items = true;
        if let (TelemetryItem::Request(record), true) = (item, self.checks_records()) {
            self.observe_request(record);
        }
    }

    fn checks_records(&self) -> bool {
        self.check.no_routes.is_some() || self.check.no_peers.is_some()
    }

    fn observe_request(&mut self, record: &RequestRecord) {
        self.has_requests = true;
        if record.has_peer() {
            self.check.no_peers = None;
        }
        if self.check.no_routes.is_some() && !matches!(record.status(), Some(404 | 405)) {
            self.has_unrouted = true;
            if record.route().is_some() || is_named(record) {
                self.check.no_routes = None;
            }
        }
    }

    /// The next warning, if it is due. `has_begun`: a request has begun, whether it was recorded or not.
    pub(super) fn next(&mut self, has_begun: bool, now: Instant, is_last: bool) -> Option<String> {
        if has_begun {
            self.check.no_requests = None;
        }
        if now < self.due && !is_last {
            return None;
        }
        let no_requests = self.check.no_requests.take().filter(|_| self.has_items);
        let no_routes = || self.check.no_routes.take().filter(|_| self.has_unrouted);
        let no_peers = || self.check.no_peers.take().filter(|_| self.has_requests);
        no_requests.or_else(no_routes).or_else(no_peers).map(Cow::into_owned)
    }
}

/// Whether the name is more than the method: a custom one, or that of a gRPC call.
fn is_named(record: &RequestRecord) -> bool {
    let name = record.name();
    name != record.method() && name != "_OTHER"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::TraceContext;
    use crate::sampling_rate::SamplingRate;
    use crate::telemetry::{MessageRecord, Origin};
    use crate::testing::Head;

    fn watch() -> SetupWatch {
        let check = SetupCheck {
            no_requests: Some("requests".into()),
            no_routes: Some("routes".into()),
            no_peers: Some("peers".into()),
        };
        SetupWatch::new(check, Instant::now())
    }

    fn request() -> TelemetryItem {
        RequestRecord::new(TraceContext::root(), None, SamplingRate::ALL, &Head::get("/")).into()
    }

    fn warnings(watch: &mut SetupWatch, has_begun: bool) -> Vec<String> {
        std::iter::from_fn(|| watch.next(has_begun, Instant::now(), true)).collect()
    }

    #[test]
    fn items_without_a_request_are_one_warning() {
        let mut watch = watch();
        assert_eq!(watch.next(false, Instant::now(), false), None, "not within the first minute");
        watch.observe(&MessageRecord::new(Origin::at(std::time::SystemTime::now()), "hello").into());
        assert_eq!(watch.next(false, Instant::now() + AFTER, false).as_deref(), Some("requests"));
        assert!(warnings(&mut watch, false).is_empty());
    }

    #[test]
    fn pipeline_without_items_gives_no_warning() {
        assert!(warnings(&mut watch(), false).is_empty() && warnings(&mut watch(), true).is_empty());
    }

    #[test]
    fn requests_without_route_and_peer_are_one_warning_each() {
        let mut watch = watch();
        (0..3).for_each(|_| watch.observe(&request()));
        assert_eq!(warnings(&mut watch, true), ["routes", "peers"]);
        assert!(warnings(&mut watch, true).is_empty());
    }
}
