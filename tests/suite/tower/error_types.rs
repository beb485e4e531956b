//! The recorded types of errors are those that a person would name.

use std::future::pending;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, Empty};
use opencensus::{OpenCensusLayer, Settings};
use tower::timeout::TimeoutLayer;
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt as _, service_fn};

use crate::support::{ended, in_memory};

/// The type of the error that ends a request whose service returns this result.
async fn recorded<B, E>(result: impl AsyncFn() -> Result<Response<B>, E>) -> String
where
    B: http_body::Body<Error: 'static>,
    E: 'static,
{
    let (telemetry, exporter) = in_memory(Settings::default());
    let service = service_fn(|_: Request<()>| result());
    let response = OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(Request::new(())).await;
    if let Ok(response) = response {
        assert!(Box::pin(response.into_body()).collect().await.is_err());
    }
    let row = &ended(&telemetry, &exporter, 1).await[0];
    row.outcome().detail().unwrap().to_owned()
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

/// A body that fails at once.
struct FailingBody;

impl http_body::Body for FailingBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(missing())))
    }
}

#[tokio::test]
async fn wrapped_and_erased_errors_have_the_type_of_the_error_inside() {
    type Result<B> = std::result::Result<Response<B>, BoxError>;
    let erased = recorded(async || -> Result<Empty<Bytes>> { Err(missing().into()) }).await;
    assert_eq!(erased, "std::io::Error", "a boxed error");
    let number = recorded(async || -> Result<Empty<Bytes>> { Err("x".parse::<u8>().unwrap_err().into()) }).await;
    assert_eq!(number, "std::num::ParseIntError", "a boxed error");
    let failed = recorded(async || Err::<Response<Empty<Bytes>>, _>(io::Error::other("disk"))).await;
    assert_eq!(failed, "std::io::Error");
    let text = recorded(async || -> Result<Empty<Bytes>> { Err("out of stock".into()) }).await;
    assert_eq!(text, "Error", "a text has no type");
    let body = recorded(async || -> Result<FailingBody> { Ok(Response::new(FailingBody)) }).await;
    assert_eq!(body, "std::io::Error");
    let axum_body = recorded(async || -> Result<Body> { Ok(Response::new(Body::new(FailingBody))) }).await;
    assert_eq!(axum_body, "std::io::Error", "axum's error around the body's");
}

#[tokio::test]
async fn timeout_of_tower_has_the_type_of_its_error() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let service = ServiceBuilder::new()
        .layer(OpenCensusLayer::new(telemetry.clone()))
        .layer(TimeoutLayer::new(Duration::from_millis(1)))
        .service(service_fn(|_: Request<()>| pending::<Result<Response<Empty<Bytes>>, BoxError>>()));
    assert!(service.oneshot(Request::new(())).await.is_err());
    assert_eq!(ended(&telemetry, &exporter, 1).await[0].outcome().detail(), Some("Elapsed"));
}
