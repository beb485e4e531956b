//! The request's way through the middleware, the same for every framework.

pub(crate) mod exchange;
mod form_data;
pub(crate) mod header_capture;
pub(crate) mod header_index;
pub(crate) mod observation;
pub(crate) mod report_data;
pub(crate) mod response_end;

pub(crate) use form_data::Supplement;
