//! Guides for who comes from somewhere else.

#[cfg(feature = "mail")]
#[doc = include_str!("../../docs/coming_from_django.md")]
pub mod coming_from_django {}

#[cfg(feature = "logging")]
#[doc = include_str!("../../docs/coming_from_opencensus_python.md")]
pub mod coming_from_opencensus_python {}
