#![doc = include_str!("../../docs/settings.md")]

mod builder;
mod environment;
mod exporter;
#[cfg(feature = "file")]
mod file;
// Without files, half of the table has no reader.
#[cfg_attr(not(feature = "file"), allow(dead_code))]
mod keys;
mod model;
mod observer;
mod processor;
mod readers;
mod sampling;
mod setters;
mod sources;
#[cfg(feature = "file")]
mod tree;

pub(crate) use environment::default_service_name;
pub use exporter::ExporterSetting;
pub use model::Settings;
pub use observer::CustomObserver;
pub use opencensus_settings::{Fault, InvalidSettings};
pub use processor::CustomProcessor;
pub use sampling::{CustomSampler, InvalidRateRule, KeepFailures, RateRule, SamplerSetting, SamplingPreset};
