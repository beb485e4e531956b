#![doc = include_str!("../../docs/settings.md")]

// Without files, half of the table has no reader.
#[cfg_attr(not(feature = "file"), allow(dead_code))]
mod builder;
mod custom_observer;
mod custom_processor;
mod environment;
pub(crate) mod exporter_setting;
#[cfg(feature = "file")]
mod file;
mod limits_check;
mod lookup;
pub(crate) mod model;
mod opentelemetry_variables;
#[cfg(feature = "file")]
mod project;
mod readers;
pub(crate) mod sampling;
mod sections;
mod setters;
mod sources;
mod table;
#[cfg(feature = "file")]
mod tree;

pub use crate::middleware::header_capture::InvalidHeader;
pub use custom_observer::CustomObserver;
pub use custom_processor::CustomProcessor;
pub(crate) use exporter_setting::ExporterSetting;
pub(crate) use model::Settings;
pub use opencensus_core::{InvalidPathEntry, PipelineLimits, Privacy, QueryRedaction, Resource};
pub use opencensus_settings::secret_names::SecretNames;
pub use opencensus_settings::{Fault, InvalidSettings};
pub(crate) use sampling::{InvalidRateRule, KeepFailures, RateTarget, SamplerSetting, SamplingPreset};
#[cfg(feature = "azure")]
pub use sections::AzureSettings;
#[cfg(feature = "logging")]
pub use sections::LoggingSettings;
pub use sections::{SecuritySettings, StatsSettings, StoreSettings, TraceSettings};
