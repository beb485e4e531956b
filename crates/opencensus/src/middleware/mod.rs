//! The part of the middleware that all frameworks share.
//!
//! An [`Exchange`](exchange::Exchange) begins, runs and ends one request. The services, futures and bodies in
//! `tower/` and `actix/` call it, with a request and a response that implement
//! [`IncomingRequest`](framework::IncomingRequest) and [`ResponseHead`](response_end::ResponseHead).

pub(crate) mod exchange;
mod failures;
mod form_data;
pub(crate) mod framework;
pub(crate) mod grpc;
mod grpc_web;
pub(crate) mod header_capture;
pub(crate) mod header_index;
pub(crate) mod observation;
pub(crate) mod options;
mod panic_hook;
mod report_data;
pub(crate) mod request_error;
pub(crate) mod response_end;
mod scope;

pub(crate) use form_data::SharedFormData;
pub use panic_hook::install_panic_hook;
