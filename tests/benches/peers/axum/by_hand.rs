//! A layer on OpenTelemetry's tracer, as a user without a library would write it: the attributes of the conventions for
//! HTTP, and the span as the handler's current context. It does not wrap the body.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::MatchedPath;
use http::header::{HOST, USER_AGENT};
use http::{HeaderName, Request, Response};
use opentelemetry::trace::{SpanKind, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context as Current, KeyValue, global};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::trace::SdkTracer;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

#[derive(Clone)]
pub(crate) struct ByHand(pub(crate) SdkTracer);

#[derive(Clone)]
pub(crate) struct ByHandService<S> {
    inner: S,
    tracer: SdkTracer,
}

pin_project! {
    pub(crate) struct ByHandFuture<F> {
        #[pin]
        inner: F,
        context: Current,
    }
}

impl<S> Layer<S> for ByHand {
    type Service = ByHandService<S>;

    fn layer(&self, inner: S) -> ByHandService<S> {
        ByHandService { inner, tracer: self.0.clone() }
    }
}

impl<S, A, B> Service<Request<A>> for ByHandService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = ByHandFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let parent =
            global::get_text_map_propagator(|propagator| propagator.extract(&HeaderExtractor(request.headers())));
        let span = self
            .tracer
            .span_builder(format!("{} {}", request.method(), route(&request)))
            .with_kind(SpanKind::Server)
            .with_attributes(attributes(&request))
            .start_with_context(&self.tracer, &parent);
        let context = parent.with_span(span);
        let _guard = context.clone().attach();
        let inner = self.inner.call(request);
        ByHandFuture { inner, context }
    }
}

impl<F, B, E> Future for ByHandFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _guard = this.context.clone().attach();
        let result = std::task::ready!(this.inner.poll(cx));
        let span = this.context.span();
        if let Ok(response) = &result {
            span.set_attribute(KeyValue::new("http.response.status_code", i64::from(response.status().as_u16())));
        }
        span.end();
        Poll::Ready(result)
    }
}

fn route<A>(request: &Request<A>) -> &str {
    request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str)
}

fn header<A>(request: &Request<A>, name: HeaderName) -> String {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn attributes<A>(request: &Request<A>) -> Vec<KeyValue> {
    vec![
        KeyValue::new("http.request.method", request.method().as_str().to_owned()),
        KeyValue::new("http.route", route(request).to_owned()),
        KeyValue::new("url.path", request.uri().path().to_owned()),
        KeyValue::new("url.scheme", request.uri().scheme_str().unwrap_or("http").to_owned()),
        KeyValue::new("server.address", header(request, HOST)),
        KeyValue::new("user_agent.original", header(request, USER_AGENT)),
        KeyValue::new("network.protocol.name", "http"),
        KeyValue::new("network.protocol.version", "1.1"),
    ]
}
