//! A request that a handler makes of the service itself, such as a part of a batch, is a request like any other.

use std::convert::Infallible;
use std::future::ready;

use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web;
use axum::Router;
use axum::body::Body;
use axum::routing::{any, get};
use http::{Request, Response};
use opencensus::actix::AppExt as _;
use opencensus::sampling::{RateRule, SamplerSetting, SamplingRate};
use opencensus::{InMemoryExporter, OpenCensusLayer, RequestRecord, Settings, Telemetry};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::support::server::Framework;
use crate::support::{SettingsExt as _, in_memory};
use test_support::TIMEOUT;

/// The number of parts of a batch.
const PARTS: usize = 3;
const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What the handler makes its parts of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    /// Nothing.
    Fresh,
    /// Clones of the batch's headers and extensions.
    Copy,
    /// The headers of an outgoing call.
    Injected,
}

const ALL_PARTS: [Part; 3] = [Part::Fresh, Part::Copy, Part::Injected];

fn outer() -> Request<Body> {
    let request = Request::post("/batch").header("host", "shop.example").header("traceparent", CALLER);
    request.body(Body::empty()).unwrap()
}

impl Part {
    fn request(self, outer: &http::request::Parts, n: usize) -> Request<Body> {
        let mut part = Request::get(format!("/part/{n}")).body(Body::empty()).unwrap();
        match self {
            Self::Fresh => {}
            Self::Copy => {
                *part.headers_mut() = outer.headers.clone();
                *part.extensions_mut() = outer.extensions.clone();
                // axum would take the batch's target for that of the part.
                part.extensions_mut().remove::<axum::extract::OriginalUri>();
            }
            Self::Injected => {
                opencensus::inject("self", part.headers_mut());
            }
        }
        part
    }
}

/// Sends one batch in process, whose handler calls the application with the layer for each part.
async fn batch(framework: Framework, telemetry: &Telemetry, kind: Part) {
    let layer = OpenCensusLayer::new(telemetry.clone());
    match framework {
        Framework::Hyper => {
            let part =
                layer.layer(service_fn(|_: Request<Body>| ready(Ok::<_, Infallible>(Response::new(Body::empty())))));
            let batch = layer.layer(service_fn(move |request: Request<Body>| {
                let part = part.clone();
                async move {
                    let (outer, _) = request.into_parts();
                    for n in 0..PARTS {
                        part.clone().oneshot(kind.request(&outer, n)).await?;
                    }
                    Ok::<_, Infallible>(Response::new(Body::empty()))
                }
            }));
            batch.oneshot(outer()).await.unwrap();
        }
        Framework::Axum => {
            let parts = Router::new().route("/part/{n}", get(|| async { "part" })).layer(layer.clone());
            let handler = any(move |request: Request<Body>| async move {
                let (outer, _) = request.into_parts();
                for n in 0..PARTS {
                    parts.clone().oneshot(kind.request(&outer, n)).await.unwrap();
                }
            });
            Router::new().route("/batch", handler).layer(layer).oneshot(outer()).await.unwrap();
        }
        Framework::Actix => {
            let inner = layer.clone();
            let handler = move |request: actix_web::HttpRequest| {
                let layer = inner.clone();
                async move {
                    let parts = App::new().layer(layer).route("/part/{n}", web::get().to(|| async { "part" }));
                    let parts = init_service(parts).await;
                    let mut headers = http::HeaderMap::new();
                    if kind == Part::Injected {
                        opencensus::inject("self", &mut headers);
                    }
                    if kind == Part::Copy {
                        let traceparent = request.headers().get("traceparent").unwrap().to_str().unwrap();
                        headers.insert("traceparent", traceparent.parse().unwrap());
                    }
                    for n in 0..PARTS {
                        let part = TestRequest::with_uri(&format!("/part/{n}"));
                        let with = |part: TestRequest, (name, value): (&http::HeaderName, &http::HeaderValue)| {
                            part.insert_header((name.as_str(), value.to_str().unwrap()))
                        };
                        call_service(&parts, headers.iter().fold(part, with).to_request()).await;
                    }
                    "done"
                }
            };
            let app = init_service(App::new().layer(layer).route("/batch", web::post().to(handler))).await;
            let request = TestRequest::post().uri("/batch").insert_header(("traceparent", CALLER));
            call_service(&app, request.to_request()).await;
        }
    }
}

async fn rows(telemetry: &Telemetry, exporter: &InMemoryExporter) -> (Vec<RequestRecord>, Vec<RequestRecord>) {
    assert!(telemetry.flush(TIMEOUT).await.complete);
    exporter.requests().into_iter().partition(|row| row.path() == "/batch")
}

#[actix_web::test]
async fn part_of_a_batch_has_a_row_as_a_child_of_the_batch() {
    for framework in Framework::ALL {
        for kind in ALL_PARTS {
            let (telemetry, exporter) = in_memory(Settings::default());
            batch(framework, &telemetry, kind).await;
            let (batches, parts) = rows(&telemetry, &exporter).await;
            let [batch] = &*batches else { panic!("{framework:?}, {kind:?}: {batches:?}") };
            assert_eq!(batch.parent().unwrap().to_string(), CALLER[36..52]);
            assert_eq!(parts.len(), PARTS, "{framework:?}, {kind:?}");
            for part in parts {
                assert_eq!(part.parent(), Some(batch.context().span_id()), "{framework:?}, {kind:?}");
                assert_eq!(part.context().trace_id(), batch.context().trace_id(), "{framework:?}, {kind:?}");
            }
            assert_eq!(telemetry.stats().requests.started(), 1 + PARTS as u64, "{framework:?}, {kind:?}");
        }
    }
}

#[actix_web::test]
async fn parts_of_a_batch_that_is_not_recorded_have_rows() {
    let no_batches = Settings::default()
        .with_rates([RateRule::path("/batch", SamplingRate::NONE)])
        .with(|settings| settings.trace.parent_trust = Some(opencensus::sampling::ParentTrust::Never));
    let settings = [Settings::default().with_blacklist_paths(["/batch"]), no_batches];
    for framework in Framework::ALL {
        for (kind, settings) in ALL_PARTS.into_iter().flat_map(|kind| settings.clone().map(|settings| (kind, settings)))
        {
            let (telemetry, exporter) = in_memory(settings);
            batch(framework, &telemetry, kind).await;
            let (batches, parts) = rows(&telemetry, &exporter).await;
            assert_eq!((batches.len(), parts.len()), (0, PARTS), "{framework:?}, {kind:?}");
            // The caller's span exists, that of the batch does not.
            for part in parts {
                assert_eq!(part.parent().unwrap().to_string(), CALLER[36..52], "{framework:?}, {kind:?}");
            }
        }
    }
}

#[actix_web::test]
async fn parts_can_be_blacklisted_and_sampled_on_their_own() {
    for framework in Framework::ALL {
        let settings = Settings::default().with_blacklist_paths(["/part/0"]);
        let settings = settings.with_rates([RateRule::path("/part/1", SamplingRate::NONE)]);
        let settings = settings.with(|s| s.trace.parent_trust = Some(opencensus::sampling::ParentTrust::Never));
        let (telemetry, exporter) = in_memory(settings);
        batch(framework, &telemetry, Part::Fresh).await;
        let (batches, parts) = rows(&telemetry, &exporter).await;
        assert_eq!((batches.len(), parts.len()), (1, 1), "{framework:?}");
        let stats = telemetry.stats();
        assert_eq!((stats.blacklisted, stats.sampled_out), (1, 1), "{framework:?}");
    }
}

#[actix_web::test]
async fn weighted_count_of_parts_is_right_at_every_rate() {
    const BATCHES: usize = 400;
    let half = SamplerSetting::Share(SamplingRate::try_from(0.5).unwrap());
    let settings = Settings::default().with_sampler(half).with_edge(true);
    let (telemetry, exporter) = in_memory(settings);
    for _ in 0..BATCHES {
        batch(Framework::Hyper, &telemetry, Part::Fresh).await;
    }
    let (_, parts) = rows(&telemetry, &exporter).await;
    let weighted: f64 = parts.iter().map(|part| 1.0 / part.rate().get()).sum();
    // The parts of a batch are kept together.
    let error = (BATCHES as f64).sqrt() * PARTS as f64;
    assert!((weighted - (BATCHES * PARTS) as f64).abs() < 4.0 * error, "{weighted} of {}", BATCHES * PARTS);
}

#[tokio::test]
async fn request_that_takes_the_memory_of_the_one_around_it_has_a_row() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let layer = OpenCensusLayer::new(telemetry.clone());
    let leaf = layer.layer(service_fn(|_: Request<Body>| ready(Ok::<_, Infallible>(Response::new(Body::empty())))));
    let outermost = layer.layer(service_fn(move |request: Request<Body>| {
        // The allocator gives the same memory to what has the same size.
        drop(request);
        leaf.clone().oneshot(Request::get("/inner").header("host", "shop.example").body(Body::empty()).unwrap())
    }));
    const COUNT: usize = 50;
    for _ in 0..COUNT {
        let request = Request::get("/outer").header("host", "shop.example").body(Body::empty()).unwrap();
        outermost.clone().oneshot(request).await.unwrap();
    }
    assert!(telemetry.flush(TIMEOUT).await.complete);
    let inner = exporter.requests().iter().filter(|request| request.path() == "/inner").count();
    assert_eq!((exporter.requests().len(), inner), (2 * COUNT, COUNT));
}
