//! A gRPC server on tonic that delivers the telemetry of every call.
//!
//! ```text
//! APPLICATIONINSIGHTS_CONNECTION_STRING=… cargo run -p example-grpc
//! ```
//!
//! It listens on port 50051, or on the port in `PORT`, until Ctrl-C or SIGTERM. Any gRPC client can call it, such as
//! `grpcurl -plaintext -proto helloworld.proto -d '{"name": "Ada"}' 127.0.0.1:50051 helloworld.Greeter/SayHello`.
//! A row has the call's name, `helloworld.Greeter/SayHello`, and its gRPC status as the code.

use std::time::Duration;

use opencensus::{OpenCensusLayer, Telemetry};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use helloworld::greeter_server::{Greeter, GreeterServer};
use messages::{HelloReply, HelloRequest};

#[allow(unreachable_pub, reason = "the generated traits are public")]
mod messages;

#[allow(missing_docs, unreachable_pub, reason = "generated")]
mod helloworld {
    include!(concat!(env!("OUT_DIR"), "/helloworld.Greeter.rs"));
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = Telemetry::from_env()?;
    let port: u16 = std::env::var("PORT").map_or(Ok(50051), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    Server::builder()
        .layer(OpenCensusLayer::new(telemetry.clone()))
        .add_service(GreeterServer::new(Shop))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener), async {
            opencensus::shutdown_signal().await;
        })
        .await?;
    println!("{}", telemetry.shutdown(Duration::from_secs(5)).await);
    Ok(())
}

struct Shop;

#[tonic::async_trait]
impl Greeter for Shop {
    async fn say_hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
        let name = request.into_inner().name;
        if name.is_empty() {
            return Err(Status::invalid_argument("the name is empty"));
        }
        Ok(Response::new(HelloReply { message: format!("Hello {name}") }))
    }
}
