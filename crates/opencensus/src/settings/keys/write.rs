//! The other way: fields as trees.

use std::time::Duration;

use opencensus_core::ParentTrust;

use crate::settings::node::Node;
use crate::settings::sampling::{RateRule, RateTarget};
use crate::settings::{SamplerSetting, Settings};

pub(super) fn any_word<T: PartialEq>(value: &T, words: &[(&str, T)]) -> Option<Node> {
    words.iter().find(|(_, other)| other == value).map(|(word, _)| Node::text(*word))
}

pub(super) fn word<T: PartialEq>(value: &T, words: &[(&str, T)], default: T) -> Option<Node> {
    if *value == default { None } else { any_word(value, words) }
}

/// TOML's numbers end at 2⁶³.
pub(super) fn count(value: &usize) -> Option<Node> {
    Some(i64::try_from(*value).map_or_else(|_| Node::text(value.to_string()), Node::Integer))
}

pub(super) fn duration(value: &Duration) -> Option<Node> {
    Some(Node::text(humantime::format_duration(*value).to_string()))
}

pub(super) fn sampler(sampler: &SamplerSetting) -> Option<Node> {
    match sampler {
        SamplerSetting::Share(rate) => Some(Node::Float(rate.get())),
        SamplerSetting::Custom(_) => None,
        other => Some(Node::text(other.to_string())),
    }
}

pub(super) fn rates(rules: &[RateRule]) -> Node {
    let rule = |rule: &RateRule| {
        let (key, text) = match &rule.target {
            RateTarget::Path(text) => ("path", text),
            RateTarget::Route(text) => ("route", text),
        };
        let rate = Node::Float(rule.rate.get());
        Node::Table(vec![(key.to_owned(), Node::text(text)), ("rate".to_owned(), rate)])
    };
    Node::List(rules.iter().map(rule).collect())
}

pub(super) fn parent_trust(trust: &Option<ParentTrust>) -> Option<Node> {
    let text = match (*trust)? {
        ParentTrust::Trust => "trust".to_owned(),
        ParentTrust::IfRateTold => "if_rate_told".to_owned(),
        ParentTrust::Limited { per_second } => format!("limited({per_second})"),
        ParentTrust::Never => "never".to_owned(),
        _ => return None,
    };
    Some(Node::text(text))
}

pub(super) fn resource(settings: &Settings) -> Option<Node> {
    let entries: Vec<_> = settings.resource.iter().map(|(key, value)| (key.to_owned(), Node::text(value))).collect();
    if entries.is_empty() { None } else { Some(Node::Table(entries)) }
}
