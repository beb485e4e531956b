//! What the server is measured with.

/// A server with or without telemetry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Variant {
    Bare,
    EmptyLayer,
    Ours,
    OursWithoutStore,
    OursDiscarding,
    OursWithoutContext,
    OursNotSampled,
    TowerApplicationInsights,
    TracingApplicationInsights,
    TowerOtlp,
}

impl Variant {
    pub(crate) const ALL: [Self; 10] = [
        Self::Bare,
        Self::EmptyLayer,
        Self::Ours,
        Self::OursWithoutStore,
        Self::OursDiscarding,
        Self::OursWithoutContext,
        Self::OursNotSampled,
        Self::TowerApplicationInsights,
        Self::TracingApplicationInsights,
        Self::TowerOtlp,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::EmptyLayer => "empty layer",
            Self::Ours => "this project, default settings",
            Self::OursWithoutStore => "this project, store off",
            Self::OursDiscarding => "this project, exporter that discards",
            Self::OursWithoutContext => "this project, OpenTelemetry's context off",
            Self::OursNotSampled => "this project, not sampled",
            Self::TowerApplicationInsights => "opentelemetry-instrumentation-tower, opentelemetry-application-insights",
            Self::TracingApplicationInsights => "axum-tracing-opentelemetry, opentelemetry-application-insights",
            Self::TowerOtlp => "opentelemetry-instrumentation-tower, opentelemetry-otlp with gzip",
        }
    }

    pub(crate) fn find(name: &str) -> Self {
        Self::ALL.into_iter().find(|variant| variant.name() == name).expect("the name of a variant")
    }

    /// Whether it is this project with an exporter that sends. Then every request must arrive, or be counted.
    pub(crate) fn is_ours_exporting(self) -> bool {
        matches!(self, Self::Ours | Self::OursWithoutStore | Self::OursWithoutContext)
    }

    /// Whether spans are sent.
    pub(crate) fn exports(self) -> bool {
        self.is_ours_exporting() || self.is_peer()
    }

    pub(crate) fn is_peer(self) -> bool {
        matches!(self, Self::TowerApplicationInsights | Self::TracingApplicationInsights | Self::TowerOtlp)
    }
}
