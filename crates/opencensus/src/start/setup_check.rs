//! The warnings about a layer that is in the wrong place.

use opencensus_core::pipeline::SetupCheck;

use crate::settings::TraceSettings;

const NO_REQUESTS: &str = "no request has passed through `OpenCensusLayer`, though other telemetry was recorded: if this \
     program serves requests, add the layer last, `Router::new().route(…).layer(OpenCensusLayer::new(telemetry))`, \
     because routes that are added after a layer are outside of it";

const NO_ROUTES: &str = "no request has a route, so that their names are methods alone: add `OpenCensusLayer` to the router \
     itself, by `.layer` after its routes, and use axum 0.8 or actix-web 4 with their features; without a router, name \
     requests by `RequestTelemetry::set_route`";

const NO_PEERS: &str = "`trace.trusted_proxies` has no effect, because no request has the address of its peer: serve an axum \
     router by `into_make_service_with_connect_info::<SocketAddr>()`, and insert `PeerAddress` into the extensions of \
     hyper's requests; actix-web has no address over a Unix socket";

/// The checks for these settings.
pub(super) fn of(trace: &TraceSettings) -> SetupCheck {
    let mut check = SetupCheck::default();
    check.no_requests = Some(NO_REQUESTS.into());
    check.no_routes = Some(NO_ROUTES.into());
    check.no_peers = (!trace.trusted_proxies.is_empty()).then(|| NO_PEERS.into());
    check
}
