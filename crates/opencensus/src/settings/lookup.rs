//! Lookups of environment variables.

use opencensus_settings::interpolation::Lookup;

/// A variable of the process. Bytes that are not UTF-8 are replaced, so that the variable counts as set.
pub(crate) fn of_process(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// By OpenTelemetry's rule an empty variable is not set.
pub(crate) fn non_empty(lookup: Lookup<'_>, name: &str) -> Option<String> {
    lookup(name).filter(|value| !value.trim().is_empty())
}
