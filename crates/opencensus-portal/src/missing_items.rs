//! Explains why a wait for items failed.

use std::fmt;
use std::time::Duration;

use crate::store::{Arrived, Filter, ItemGroup};

/// The items of a wait did not arrive in time. Its text lists what did arrive, and what almost matched.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct MissingItems {
    /// The filter of the wait.
    pub filter: Filter,
    /// The number of items that the caller waited for.
    pub expected: usize,
    /// The number of items that matched in time.
    pub found: usize,
    /// The time limit.
    pub timeout: Duration,
    /// The number of all items that the portal holds.
    pub total: u64,
    /// The largest groups of these items, at most 20.
    pub arrived: Vec<ItemGroup>,
    /// Items that match all conditions but one, each as a sentence.
    pub near_misses: Vec<String>,
}

impl MissingItems {
    pub(crate) fn new(filter: Filter, (expected, found): (usize, usize), timeout: Duration, arrived: Arrived) -> Self {
        let Arrived { total, groups, near_misses } = arrived;
        Self { filter, expected, found, timeout, total, arrived: groups, near_misses }
    }
}

impl fmt::Display for MissingItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { filter, expected, found, timeout, total, .. } = self;
        write!(f, "{found} of {expected} {filter} arrived within {timeout:?}")?;
        if *total == 0 {
            return f.write_str("; nothing else arrived");
        }
        for near_miss in &self.near_misses {
            write!(f, "\n  close: {near_miss}")?;
        }
        write!(f, "\n  all items that arrived: {total}")?;
        for ItemGroup { kind, name, code, count } in &self.arrived {
            write!(f, "\n  {count:>6} × {} `{name}`", kind.as_str())?;
            if let Some(code) = code {
                write!(f, " with code {code}")?;
            }
        }
        let listed: u64 = self.arrived.iter().map(|group| group.count).sum();
        if listed < *total { write!(f, "\n  {:>6} others", total - listed) } else { Ok(()) }
    }
}

/// The text of [`Display`](fmt::Display), because a failed test shows this form.
impl fmt::Debug for MissingItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ItemKind;

    #[test]
    fn error_lists_near_misses_and_what_did_arrive() {
        let group = ItemGroup { kind: ItemKind::Request, name: "GET /x".into(), code: Some("200".into()), count: 3 };
        let near_misses = vec!["3 of the request items named `GET /x` have code = 200".to_owned()];
        let arrived = Arrived { total: 5, groups: vec![group], near_misses };
        let filter = Filter::requests().named("GET /x").status(500);
        let missing = MissingItems::new(filter.clone(), (1, 0), Duration::from_secs(5), arrived);
        assert_eq!(
            missing.to_string(),
            "0 of 1 request items named `GET /x` with code = 500 arrived within 5s\
             \n  close: 3 of the request items named `GET /x` have code = 200\
             \n  all items that arrived: 5\n       3 × request `GET /x` with code 200\n       2 others"
        );
        assert_eq!(format!("{missing:?}"), missing.to_string());
        let missing = MissingItems::new(filter, (1, 0), Duration::ZERO, Arrived::default());
        assert!(missing.to_string().ends_with("arrived within 0ns; nothing else arrived"), "{missing}");
    }
}
