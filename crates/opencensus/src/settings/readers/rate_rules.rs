//! Reads sampling rates by path and route.

use opencensus_core::{RouteEntry, SamplingRate};
use opencensus_settings::checked::{collect, fault, inside};
use opencensus_settings::read::fields;
use opencensus_settings::{Checked, Value, list};

use crate::settings::readers::entries::path_entry;
use crate::settings::readers::rate;
use crate::settings::readers::sampler::rate_remedy;
use crate::settings::sampling::RateRule;

const RATE_RULE_REMEDY: &str = "write `{ path = \"/health\", rate = 0.1 }` or `{ route = \"GET /users/{id}\", rate = 0.1 }`, \
     in short `0.1 /health` or `0.1 route:GET /users/{id}`";

pub(crate) fn rate_rules(value: &Value) -> Checked<Vec<RateRule>> {
    match value {
        Value::Text(text) => collect(
            list::split(&text.value)
                .iter()
                .enumerate()
                .map(|(at, entry)| inside(&format!("[{at}]"), short_rate_rule(entry, &Value::Text(text.part(entry))))),
        ),
        Value::List(items) => collect(items.iter().enumerate().map(|(at, item)| {
            let rule = match item {
                Value::Text(text) => short_rate_rule(&text.value, item),
                Value::Table(entries) => rate_rule(entries),
                other => fault(other.redacted(), RATE_RULE_REMEDY),
            };
            inside(&format!("[{at}]"), rule)
        })),
        other => fault(other.redacted(), "write a list of rules"),
    }
}

/// `0.1 /health`, `0.1 route:GET /users/{id}`
fn short_rate_rule(text: &str, value: &Value) -> Checked<RateRule> {
    let Some((number, target)) = text.trim().split_once(char::is_whitespace) else {
        return fault(value.redacted(), RATE_RULE_REMEDY);
    };
    let target = target.trim();
    let Ok(rate) = number.parse::<SamplingRate>() else {
        let remedy = "write a rate between 0 and 1 in front, such as `0.1 /health`";
        return fault(value.redacted(), rate_remedy(&Value::text(number), remedy));
    };
    match target.strip_prefix("route:") {
        Some(route) => route_rule(route.trim(), rate, value),
        None => path_entry(target, value).map(|()| RateRule::path(target, rate)),
    }
}

fn route_rule(route: &str, rate: SamplingRate, value: &Value) -> Checked<RateRule> {
    match route.parse::<RouteEntry>() {
        Ok(_) => Ok(RateRule::route(route, rate)),
        Err(error) => fault(value.redacted(), error.to_string()),
    }
}

fn rate_rule(entries: &[(String, Value)]) -> Checked<RateRule> {
    let ([path, route, rate_entry], mut faults) = fields(entries, ["path", "route", "rate"], RATE_RULE_REMEDY);
    let rate = match rate_entry {
        Some((key, value)) => inside(key, rate(value)),
        None => fault("a rule without `rate`", RATE_RULE_REMEDY),
    };
    let rule = match (path, route) {
        (Some((key, value @ Value::Text(text))), None) => {
            inside(key, path_entry(&text.value, value).map(|()| RateRule::path(&*text.value, SamplingRate::ALL)))
        }
        (None, Some((key, value @ Value::Text(text)))) => {
            inside(key, route_rule(&text.value, SamplingRate::ALL, value))
        }
        (Some((key, other)), None) | (None, Some((key, other))) => {
            inside(key, fault(other.redacted(), RATE_RULE_REMEDY))
        }
        (Some(_), Some(_)) => fault("a rule with `path` and `route`", RATE_RULE_REMEDY),
        (None, None) => fault("a rule without `path` and `route`", RATE_RULE_REMEDY),
    };
    match (rate, rule) {
        (Ok(rate), Ok(rule)) if faults.is_empty() => Ok(RateRule { rate, ..rule }),
        (rate, rule) => {
            faults.extend(rate.err().into_iter().chain(rule.err()).flatten());
            Err(faults)
        }
    }
}
