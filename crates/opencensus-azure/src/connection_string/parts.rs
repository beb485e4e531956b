//! The parts of a connection string's text.

use opencensus_settings::suggestion::resembling;

use crate::connection_string::error::ParseConnectionStringError;

/// The names of parts that have a meaning here or in Microsoft's SDKs.
const NAMES: [&str; 11] = [
    "InstrumentationKey",
    "IngestionEndpoint",
    "LiveEndpoint",
    "ProfilerEndpoint",
    "SnapshotEndpoint",
    "EndpointSuffix",
    "Location",
    "Authorization",
    "AADAudience",
    "ApplicationId",
    "UseDevelopmentTelemetry",
];

/// How much an unknown name must resemble a known one to be taken for a typing error.
const LIKENESS: f64 = 0.75;

/// Names with spaces around them are ignored, as Microsoft's exporters do.
fn check_name(name: &str) -> Result<(), ParseConnectionStringError> {
    let lower = name.to_ascii_lowercase();
    let known = NAMES.map(str::to_ascii_lowercase);
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    let near = match lower.len() {
        0..=30 if !known.contains(&&*lower) && name.trim() == name => resembling(&lower, &known, LIKENESS),
        _ => None,
    };
    let meant = near.and_then(|near| NAMES.into_iter().find(|name| name.eq_ignore_ascii_case(near)));
    match meant {
        Some(meant) => Err(ParseConnectionStringError::MisspelledName { found: name.to_owned(), meant }),
        None => Ok(()),
    }
}

/// Names and values in the order of the text.
pub(super) struct Parts<'a>(Vec<(&'a str, &'a str)>);

const KEY: &str = "InstrumentationKey";

impl<'a> Parts<'a> {
    pub(super) fn split(text: &'a str) -> Result<Self, ParseConnectionStringError> {
        let parts = text.split(';').enumerate().filter(|(_, part)| !part.trim().is_empty());
        let pairs = parts.map(|(at, part)| {
            let pair = part.split_once('=').ok_or(ParseConnectionStringError::NotAPair(at + 1))?;
            check_name(pair.0).map(|()| pair)
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// The last value with this name, with the spaces around it.
    fn last(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The last value with this name. An empty value counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.last(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The key, with the spaces around it.
    pub(super) fn key(&self) -> Option<&'a str> {
        self.last(KEY).filter(|key| !key.is_empty())
    }

    pub(super) fn missing_key(&self) -> ParseConnectionStringError {
        let at = self.0.iter().position(|(name, _)| name.trim().eq_ignore_ascii_case(KEY) && name.trim() != *name);
        at.map_or(ParseConnectionStringError::MissingInstrumentationKey, |at| {
            ParseConnectionStringError::SpaceAroundName(at + 1)
        })
    }

    pub(super) fn endpoint(&self, name: &str, service: &str, default: &str) -> String {
        let suffix = || {
            let location = self.get("Location").map(|location| format!("{location}.")).unwrap_or_default();
            self.get("EndpointSuffix").map(|suffix| format!("https://{location}{service}.{suffix}"))
        };
        let endpoint = self.get(name).map(str::to_owned).or_else(suffix).unwrap_or_else(|| default.to_owned());
        endpoint.trim_end_matches('/').to_owned()
    }
}
