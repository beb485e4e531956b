//! The messages of `helloworld.Greeter`.

/// Asks for a greeting.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HelloRequest {
    /// Who is greeted.
    #[prost(string, tag = "1")]
    pub name: String,
}

/// A greeting.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HelloReply {
    /// Its text.
    #[prost(string, tag = "1")]
    pub message: String,
}
