//! Logging: what Python's and Django's would do, and what they would not.

mod conformance;
mod python;
