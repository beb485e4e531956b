//! A request's way through the middleware, the same for every framework.
//!
//! [`exchange`] is the way: it begins, runs and ends one request. The front ends in `tower/` and `actix/`
//! implement [`framework`] and [`response_end`]'s view of a response, and call it from their service,
//! future and body.

pub(crate) mod exchange;
mod form_data;
pub(crate) mod framework;
mod grpc;
pub(crate) mod header_capture;
pub(crate) mod header_index;
mod observation;
pub(crate) mod options;
mod report_data;
pub(crate) mod response_end;

pub(crate) use form_data::SharedFormData;
