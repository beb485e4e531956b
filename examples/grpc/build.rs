//! Generates the server and the client of `helloworld.Greeter`.
//!
//! The service is described in Rust, so that the example builds without `protoc`. With a `.proto` file it would be
//! `tonic_prost_build::compile_protos("helloworld.proto")`.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    let say_hello = Method::builder()
        .name("say_hello")
        .route_name("SayHello")
        .input_type("crate::messages::HelloRequest")
        .output_type("crate::messages::HelloReply")
        .codec_path("tonic_prost::ProstCodec")
        .build();
    let greeter = Service::builder().name("Greeter").package("helloworld").method(say_hello).build();
    Builder::new().compile(&[greeter]);
}
