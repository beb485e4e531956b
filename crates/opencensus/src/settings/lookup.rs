//! Looks up environment variables.

use opencensus_settings::interpolation::Lookup;

/// A variable of the process. Bytes that are not UTF-8 are replaced, so that the variable counts as set.
pub(crate) fn of_process(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// The value of a variable that is not empty: by OpenTelemetry's rule, an empty variable counts as unset.
pub(crate) fn non_empty(lookup: Lookup<'_>, name: &str) -> Option<String> {
    lookup(name).filter(|value| !value.trim().is_empty())
}
