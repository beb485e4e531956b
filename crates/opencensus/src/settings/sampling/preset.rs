//! Selects the sampling rules that services with a common trace agree on.

/// The sampling rules of the services that share traces with this one.
///
/// # Examples
///
/// ```
/// use opencensus::sampling::SamplingPreset;
/// use opencensus::Settings;
///
/// let mut settings = Settings::default();
/// settings.trace.preset = SamplingPreset::ApplicationInsights;
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SamplingPreset {
    /// OpenCensus, and services with this library: the low half of the trace id decides whether a trace is part of the
    /// sampled fraction, and a sampled parent is trusted. The default.
    #[default]
    OpenCensus,
    /// Services with Microsoft's exporters: their hash of the trace id decides, and parents are ignored, as in those exporters.
    ApplicationInsights,
}
