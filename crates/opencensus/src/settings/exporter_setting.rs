//! Selects a built-in exporter.

/// The built-in exporter that telemetry is sent with.
///
/// # Examples
///
/// ```
/// use opencensus::exporter::ExporterSetting;
/// use opencensus::Settings;
///
/// let telemetry = Settings::default().with_exporter(ExporterSetting::Console).start()?;
/// # Ok::<(), opencensus::TelemetryError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ExporterSetting {
    /// Application Insights, at the endpoint of the connection string. The default.
    #[default]
    Azure,
    /// Standard output, one line for every request: [`ConsoleExporter`](crate::exporter::ConsoleExporter).
    Console,
}
