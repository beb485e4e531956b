#![doc = include_str!("../../docs/tracing.md")]

#[cfg(feature = "logging")]
mod active_layers;
mod entered;
mod event_fields;
mod event_item;
mod layer;
mod options;
mod pipeline_layer;
mod span_data;
mod span_fields;
mod sqlx;
mod statement;

pub use layer::layer;
pub use options::Options;
pub use sqlx::Sqlx;

#[cfg(feature = "logging")]
pub(crate) use active_layers::takes_event;
