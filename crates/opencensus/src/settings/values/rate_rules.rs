//! Rates by path and route.

use opencensus_core::{RouteEntry, SamplingRate};

use crate::settings::list;
use crate::settings::node::Node;
use crate::settings::sampling::RateRule;
use crate::settings::values::entries::path_entry;
use crate::settings::values::{fields, rate};
use opencensus_settings::Checked;
use opencensus_settings::checked::{collect, fault, inside};

const RATE_RULE_REMEDY: &str = "write `{ path = \"/health\", rate = 0.1 }` or `{ route = \"GET /users/{id}\", rate = 0.1 }`, \
     in short `0.1 /health` or `0.1 route:GET /users/{id}`";

pub(crate) fn rate_rules(node: &Node) -> Checked<Vec<RateRule>> {
    match node {
        Node::Text(text) => collect(
            list::split(&text.value)
                .iter()
                .enumerate()
                .map(|(at, entry)| inside(&format!("[{at}]"), short_rate_rule(entry, &Node::part(text, entry)))),
        ),
        Node::List(items) => collect(items.iter().enumerate().map(|(at, item)| {
            let rule = match item {
                Node::Text(text) => short_rate_rule(&text.value, item),
                Node::Table(entries) => rate_rule(entries),
                other => fault(other.shown(), RATE_RULE_REMEDY),
            };
            inside(&format!("[{at}]"), rule)
        })),
        other => fault(other.shown(), "write a list of rules"),
    }
}

/// `0.1 /health`, `0.1 route:GET /users/{id}`
fn short_rate_rule(text: &str, node: &Node) -> Checked<RateRule> {
    let Some((number, target)) = text.trim().split_once(char::is_whitespace) else {
        return fault(node.shown(), RATE_RULE_REMEDY);
    };
    let target = target.trim();
    let Ok(rate) = number.parse::<SamplingRate>() else {
        return fault(node.shown(), "write a rate between 0 and 1 in front, such as `0.1 /health`");
    };
    match target.strip_prefix("route:") {
        Some(route) => route_rule(route.trim(), rate, node),
        None => path_entry(target, node).map(|()| RateRule::path(target, rate)),
    }
}

fn route_rule(route: &str, rate: SamplingRate, node: &Node) -> Checked<RateRule> {
    match route.parse::<RouteEntry>() {
        Ok(_) => Ok(RateRule::route(route, rate)),
        Err(error) => fault(node.shown(), error.to_string()),
    }
}

fn rate_rule(entries: &[(String, Node)]) -> Checked<RateRule> {
    let ([path, route, rate_entry], mut faults) = fields(entries, ["path", "route", "rate"], RATE_RULE_REMEDY);
    let rate = match rate_entry {
        Some((key, node)) => inside(key, rate(node)),
        None => fault("a rule without `rate`", RATE_RULE_REMEDY),
    };
    let rule = match (path, route) {
        (Some((key, node @ Node::Text(text))), None) => {
            inside(key, path_entry(&text.value, node).map(|()| RateRule::path(&*text.value, SamplingRate::ALL)))
        }
        (None, Some((key, node @ Node::Text(text)))) => inside(key, route_rule(&text.value, SamplingRate::ALL, node)),
        (Some((key, other)), None) | (None, Some((key, other))) => inside(key, fault(other.shown(), RATE_RULE_REMEDY)),
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
