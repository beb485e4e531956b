//! tower-http's layer for `tracing`, set up to record what the other layers do.

use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use http::header::USER_AGENT;
use http::{Request, Response};
use opentelemetry::global;
use opentelemetry_http::HeaderExtractor;
use tower_http::trace::TraceLayer;
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// By default the layer knows neither the route nor the caller's trace, and logs an event for each response.
pub(crate) fn layered(router: Router) -> Router {
    let layer = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(())
        .on_response(|response: &Response<Body>, _, span: &Span| {
            span.record("http.response.status_code", response.status().as_u16());
        })
        .on_failure(());
    router.layer(layer)
}

fn span(request: &Request<Body>) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{} {route}", request.method()),
        otel.kind = "server",
        http.request.method = request.method().as_str(),
        http.route = route,
        url.path = request.uri().path(),
        url.scheme = request.uri().scheme_str().unwrap_or("http"),
        user_agent.original = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()),
        http.response.status_code = Empty,
    );
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&HeaderExtractor(request.headers())));
    // An error: the subscriber has no layer of OpenTelemetry. The check of the case would find that.
    let _ = span.set_parent(parent);
    span
}
