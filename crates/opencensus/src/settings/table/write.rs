//! Converts fields to the values that a file holds for them.

use std::time::Duration;

use opencensus_core::ParentTrust;
use opencensus_settings::Value;
use opencensus_settings::secret_names::SecretNames;

use crate::settings::model::Settings;
use crate::settings::sampling::{RateRule, RateTarget, SamplerSetting};

pub(super) fn word<T: PartialEq>(value: &T, words: &[(&str, T)]) -> Option<Value> {
    words.iter().find(|(_, other)| other == value).map(|(word, _)| Value::text(*word))
}

pub(super) fn boolean(value: &bool) -> Option<Value> {
    Some(Value::Bool(*value))
}

pub(super) fn texts(texts: &[String]) -> Option<Value> {
    Some(Value::texts(texts.iter().map(String::as_str)))
}

pub(super) fn path(path: &std::path::Path) -> Option<Value> {
    Some(Value::text(path.to_string_lossy()))
}

#[cfg(feature = "azure")]
pub(super) fn connection_string(connection_string: &opencensus_azure::ConnectionString) -> Option<Value> {
    Some(Value::text(connection_string.expose()))
}

#[cfg(feature = "azure")]
pub(super) fn proxy(proxy: &opencensus_azure::ProxyUrl) -> Option<Value> {
    Some(Value::text(proxy.expose()))
}

/// A number, or from 2⁶³, which TOML's numbers cannot hold, a text.
pub(super) fn count(value: &usize) -> Option<Value> {
    Some(i64::try_from(*value).map_or_else(|_| Value::text(value.to_string()), Value::Integer))
}

/// As [`count`].
pub(super) fn size(value: &u64) -> Option<Value> {
    Some(i64::try_from(*value).map_or_else(|_| Value::text(value.to_string()), Value::Integer))
}

pub(super) fn duration(value: &Duration) -> Option<Value> {
    Some(Value::text(humantime::format_duration(*value).to_string()))
}

pub(super) fn sampler(sampler: &SamplerSetting) -> Option<Value> {
    match sampler {
        SamplerSetting::Share(rate) => Some(Value::Float(rate.get())),
        SamplerSetting::Custom(_) => None,
        other => Some(Value::text(other.to_string())),
    }
}

pub(super) fn rates(rules: &[RateRule]) -> Option<Value> {
    let rule = |rule: &RateRule| {
        let (key, text) = match &rule.target {
            RateTarget::Path(text) => ("path", text),
            RateTarget::Route(text) => ("route", text),
        };
        let rate = Value::Float(rule.rate.get());
        Value::Table(vec![(key.to_owned(), Value::text(text)), ("rate".to_owned(), rate)])
    };
    Some(Value::List(rules.iter().map(rule).collect()))
}

pub(super) fn parent_trust(trust: &ParentTrust) -> Option<Value> {
    let text = match *trust {
        ParentTrust::Trust => "trust".to_owned(),
        ParentTrust::IfRateKnown => "if_rate_known".to_owned(),
        ParentTrust::Limited { per_second } => format!("limited({per_second})"),
        ParentTrust::Never => "never".to_owned(),
        _ => return None,
    };
    Some(Value::text(text))
}

pub(super) fn resource(settings: &Settings) -> Option<Value> {
    let entries: Vec<_> = settings.resource.iter().map(|(key, value)| (key.to_owned(), Value::text(value))).collect();
    if entries.is_empty() { None } else { Some(Value::Table(entries)) }
}

pub(super) fn secret_names(names: &SecretNames) -> Option<Value> {
    Some(Value::texts(names.iter()))
}
