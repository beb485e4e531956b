//! Reads the parameters that select items.

use crate::api::error::ApiError;
use crate::api::parameters::Parameters;
use crate::search::Query;
use crate::store::{Filter, ItemKind};

/// The most items of one response.
pub(super) const MAX_ITEMS: usize = 1000;
/// The most properties of a filter, which bounds the statement for the database.
const MAX_PROPERTIES: usize = 50;

/// The order of items by their arrival.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Order {
    Newest,
    Oldest,
}

/// Reads `kind` (one or several, separated by commas), `q` (a search), `name`, `code`, `role`, `operation_id`, `property`
/// (`key:value`, several times), `failed` (`true`: failed requests, calls and tests, and exceptions), `run` (`all`,
/// which is the default, `current` or an id), `since` and `until` (microseconds since 1970) and `after` (the id of an
/// item), during run `current`.
pub(super) fn filter(parameters: &mut Parameters, current: i64) -> Result<Filter, ApiError> {
    let filter = without_run(parameters)?;
    let filter = match after(parameters)? {
        Some(after) => filter.after(after),
        None => filter,
    };
    Ok(match run(parameters, current)? {
        Some(run) => filter.in_run(run),
        None => filter,
    })
}

/// Reads `run`, of which `None` stands for all.
pub(super) fn run(parameters: &mut Parameters, current: i64) -> Result<Option<i64>, ApiError> {
    match parameters.text("run")?.as_deref() {
        None | Some("all") => Ok(None),
        Some("current") => Ok(Some(current)),
        Some(id) => match id.parse() {
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(ApiError::parameter("run", "is `all`, `current` or the id of a run")),
        },
    }
}

/// Reads `after`.
pub(super) fn after(parameters: &mut Parameters) -> Result<Option<i64>, ApiError> {
    parameters.number("after", i64::MIN, i64::MAX)
}

/// Reads the parameters of [`filter`] but `run` and `after`.
fn without_run(parameters: &mut Parameters) -> Result<Filter, ApiError> {
    let mut filter = Filter::default().matching(&search(parameters)?);
    filter = match &kinds(parameters)?[..] {
        [] => filter,
        [kind] => filter.of_kind(*kind),
        kinds => filter.of_kinds(kinds),
    };
    if let Some(name) = parameters.text("name")? {
        filter = filter.named(name);
    }
    if let Some(code) = parameters.text("code")? {
        filter = filter.status(code);
    }
    if let Some(role) = parameters.text("role")? {
        filter = filter.role(role);
    }
    if let Some(id) = parameters.text("operation_id")? {
        filter = filter.of_operation(id);
    }
    let properties = parameters.texts("property");
    if properties.len() > MAX_PROPERTIES {
        return Err(ApiError::parameter("property", format!("is given at most {MAX_PROPERTIES} times")));
    }
    for property in properties {
        let required = || ApiError::parameter("property", "is a key and a value, as in `tenant:acme`");
        let (key, value) = property.split_once(':').ok_or_else(required)?;
        filter = filter.property(key, value);
    }
    if parameters.flag("failed")? {
        filter = filter.failures();
    }
    within_time(parameters, filter)
}

/// Reads `since` and `until`.
fn within_time(parameters: &mut Parameters, mut filter: Filter) -> Result<Filter, ApiError> {
    if let Some(since) = parameters.number("since", i64::MIN, i64::MAX)? {
        filter = filter.since(since);
    }
    Ok(match parameters.number("until", i64::MIN, i64::MAX)? {
        Some(until) => filter.until(until),
        None => filter,
    })
}

/// Reads `q`. A term that cannot be understood is an error: without it, a script would count other items.
fn search(parameters: &mut Parameters) -> Result<Query, ApiError> {
    let query = Query::parse(&parameters.text("q")?.unwrap_or_default());
    match query.hints.first() {
        Some(hint) => Err(ApiError::parameter("q", format!("is a search; not understood: {hint}"))),
        None => Ok(query),
    }
}

/// Reads `order`, which is `newest` (first) by default.
pub(super) fn order(parameters: &mut Parameters) -> Result<Order, ApiError> {
    match parameters.text("order")?.as_deref() {
        None | Some("newest") => Ok(Order::Newest),
        Some("oldest") => Ok(Order::Oldest),
        Some(_) => Err(ApiError::parameter("order", "is `newest` or `oldest`")),
    }
}

/// Reads `limit`, which is 100 by default.
pub(super) fn limit(parameters: &mut Parameters) -> Result<usize, ApiError> {
    let limit = parameters.number("limit", 0, MAX_ITEMS as i64)?;
    Ok(limit.map_or(100, |limit| limit as usize))
}

/// Reads kinds that commas separate.
fn kinds(parameters: &mut Parameters) -> Result<Vec<ItemKind>, ApiError> {
    let Some(list) = parameters.text("kind")? else { return Ok(Vec::new()) };
    let names = list.split(',').map(str::trim);
    let kind = |name: &str| {
        let names = || ItemKind::names().collect::<Vec<_>>().join(", ");
        ItemKind::from_name(name)
            .ok_or_else(|| ApiError::parameter("kind", format!("is one or several of {}", names())))
    };
    names.map(kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Filter, ApiError> {
        let mut parameters = Parameters::parse(query);
        let filter = filter(&mut parameters, 5)?;
        parameters.finish()?;
        Ok(filter)
    }

    #[test]
    fn parameters_become_a_filter() {
        let filter =
            read("kind=request&name=GET+/x&code=500&role=shop&property=a:b%3Ac&property=d:&after=7&run=2").ok();
        let expected = Filter::requests().named("GET /x").status(500).role("shop");
        assert_eq!(filter, Some(expected.property("a", "b:c").property("d", "").after(7).in_run(2)));
        assert_eq!(read("kind=request,%20trace&failed=true&q=").ok(), {
            Some(Filter::default().of_kinds(&[ItemKind::Request, ItemKind::Trace]).failures())
        });
        assert_eq!(read("run=current").ok(), Some(Filter::default().in_run(5)));
        assert_eq!(read("run=all").ok(), Some(Filter::default()));
    }

    #[test]
    fn invalid_parameters_are_named() {
        for (query, parameter) in [
            ("kind=span", "kind"),
            ("kind=", "kind"),
            ("kind=request&kind=trace", "kind"),
            ("after=1.5", "after"),
            ("after=x", "after"),
            ("failed=1", "failed"),
            ("property=tenant", "property"),
            ("run=x", "run"),
            ("q=oak+dur:200", "q"),
            ("since=now", "since"),
            ("naem=x", "naem"),
            (&"property=a:b&".repeat(MAX_PROPERTIES + 1), "property"),
        ] {
            let Err(ApiError::Parameter { parameter: found, .. }) = read(query) else { panic!("{query}") };
            assert_eq!(found, parameter, "{query}");
        }
    }
}
