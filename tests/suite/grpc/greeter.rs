//! A gRPC service, as `tonic-build` writes it, and its client.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use http::uri::PathAndQuery;
use tonic::body::Body;
use tonic::client::GrpcService;
use tonic::server::{NamedService, ServerStreamingService, UnaryService};
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::{BoxError, Service};

pub(super) const SAY_HELLO: &str = "/helloworld.Greeter/SayHello";
pub(super) const SAY_MANY: &str = "/helloworld.Greeter/SayMany";

#[derive(Clone, prost::Message)]
pub(super) struct HelloRequest {
    /// A name to greet, or `code message`: the status with which the call fails.
    #[prost(string, tag = "1")]
    pub(super) name: String,
}

#[derive(Clone, prost::Message)]
pub(super) struct HelloReply {
    #[prost(string, tag = "1")]
    pub(super) message: String,
}

/// The status of a request for a failure.
fn failure(request: &Request<HelloRequest>) -> Option<Status> {
    if request.get_ref().name == "caused" {
        let mut status = Status::internal("no chairs");
        status.set_source(std::sync::Arc::new(std::io::Error::other("the disk is gone")));
        return Some(status);
    }
    let (code, message) = request.get_ref().name.split_once(' ')?;
    Some(Status::new(Code::from(code.parse::<i32>().ok()?), message))
}

fn hello(name: &str) -> HelloReply {
    HelloReply { message: format!("Hello {name}") }
}

struct SayHello;

impl UnaryService<HelloRequest> for SayHello {
    type Response = HelloReply;
    type Future = BoxFuture<'static, Result<Response<HelloReply>, Status>>;

    fn call(&mut self, request: Request<HelloRequest>) -> Self::Future {
        Box::pin(async move {
            match failure(&request) {
                Some(status) => Err(status),
                None if request.get_ref().name == "nobody" => std::future::pending().await,
                None => Ok(Response::new(hello(&request.get_ref().name))),
            }
        })
    }
}

/// Sends two replies, then the status.
struct SayMany;

impl ServerStreamingService<HelloRequest> for SayMany {
    type Response = HelloReply;
    type ResponseStream = Pin<Box<dyn Stream<Item = Result<HelloReply, Status>> + Send>>;
    type Future = BoxFuture<'static, Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<HelloRequest>) -> Self::Future {
        let replies = [Ok(hello("one")), Ok(hello("two"))].into_iter().chain(failure(&request).map(Err));
        let stream: Self::ResponseStream = Box::pin(futures_util::stream::iter(replies.collect::<Vec<_>>()));
        Box::pin(async move { Ok(Response::new(stream)) })
    }
}

#[derive(Clone, Debug)]
pub(super) struct Greeter;

impl NamedService for Greeter {
    const NAME: &'static str = "helloworld.Greeter";
}

impl<B> Service<http::Request<B>> for Greeter
where
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::default());
            Ok(match request.uri().path() {
                SAY_HELLO => grpc.unary(SayHello, request).await,
                SAY_MANY => grpc.server_streaming(SayMany, request).await,
                _ => Status::unimplemented("").into_http(),
            })
        })
    }
}

/// A client of the service.
pub(super) struct Client<T = Channel>(tonic::client::Grpc<T>);

impl<T> Client<T>
where
    T: GrpcService<Body, Error: std::fmt::Debug + Into<BoxError>>,
    T::ResponseBody: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    pub(super) fn new(channel: T) -> Self {
        Self(tonic::client::Grpc::new(channel))
    }

    /// Calls the method with this path.
    pub(super) async fn call(&mut self, path: &'static str, name: &str) -> Result<HelloReply, Status> {
        self.0.ready().await.unwrap();
        let request = Request::new(HelloRequest { name: name.to_owned() });
        let path = PathAndQuery::from_static(path);
        self.0.unary(request, path, ProstCodec::default()).await.map(Response::into_inner)
    }

    /// Calls the streaming method, and returns its replies and its status.
    pub(super) async fn call_many(&mut self, name: &str) -> (Vec<HelloReply>, Result<(), Status>) {
        self.0.ready().await.unwrap();
        let request = Request::new(HelloRequest { name: name.to_owned() });
        let codec = ProstCodec::<HelloRequest, HelloReply>::default();
        let response = self.0.server_streaming(request, PathAndQuery::from_static(SAY_MANY), codec).await;
        let mut stream = response.unwrap().into_inner();
        let mut replies = Vec::new();
        loop {
            match stream.message().await {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => return (replies, Ok(())),
                Err(status) => return (replies, Err(status)),
            }
        }
    }
}
