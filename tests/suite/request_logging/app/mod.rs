//! The application of the HTTP cases: an axum server with the views of `tests/vectors/django-http-app.py` in Rust, under
//! the same paths.

mod application;
mod exceptions;
mod routes;
mod upload;
mod views;

pub(super) use application::app;
pub(super) use exceptions::{RAISES, SUSPICIOUS};
pub(super) use routes::{View, route};
