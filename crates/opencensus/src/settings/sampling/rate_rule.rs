//! Sets sampling rates by path and route.

use opencensus_core::{InvalidPathEntry, InvalidRouteEntry, SamplingRate};

/// The sampling rate of requests by path or route. Of several rules, the first that a request matches applies.
///
/// # Examples
///
/// ```
/// use opencensus::sampling::{RateRule, SamplingRate};
/// use opencensus::Settings;
///
/// let rare = SamplingRate::try_from(0.01)?;
/// let settings = Settings::default().with_rates([RateRule::path("/static", rare)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RateRule {
    pub(crate) target: RateTarget,
    pub(crate) rate: SamplingRate,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RateTarget {
    Path(String),
    Route(String),
}

impl RateRule {
    /// The rate of requests that match an entry in the grammar of the [blacklist](opencensus_core::path_filter).
    pub fn path(entry: impl Into<String>, rate: SamplingRate) -> Self {
        Self { target: RateTarget::Path(entry.into()), rate }
    }

    /// The rate of requests of a route, such as `/users/{id}` or `GET /users/{id}`. [`RouteEntry`] names the layers that
    /// know the route when the request begins.
    ///
    /// [`RouteEntry`]: opencensus_core::RouteEntry
    pub fn route(route: impl Into<String>, rate: SamplingRate) -> Self {
        Self { target: RateTarget::Route(route.into()), rate }
    }
}

/// A sampling rule whose path or route is invalid.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRateRule {
    /// The path entry is invalid.
    #[error(transparent)]
    Path(#[from] InvalidPathEntry),
    /// The route is invalid.
    #[error("`{0}`: {1}")]
    Route(String, InvalidRouteEntry),
}
