//! The parameters of the page in its address.

use serde::Deserialize;

use crate::pages::scope::Scope;
use crate::pages::section::FAILURES;
use crate::store::{FailuresOf, Filter};

/// What the page shows, besides the scope.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub(in crate::pages) struct FailuresQuery {
    /// `dependencies` or `exceptions`; else operations.
    pub(super) of: String,
    /// The selected operation, call or problem.
    pub(super) op: Option<String>,
    /// The selected result code.
    pub(super) code: Option<String>,
}

impl FailuresQuery {
    pub(super) fn what(&self) -> FailuresOf {
        match self.of.as_str() {
            "dependencies" => FailuresOf::Dependencies,
            "exceptions" => FailuresOf::Exceptions,
            _ => FailuresOf::Operations,
        }
    }

    /// The filter of the page, with the selected result code.
    pub(super) fn filter(&self, filter: Filter) -> Filter {
        match &self.code {
            Some(code) => filter.of_code(code),
            None => filter,
        }
    }

    /// The failures that are shown one by one.
    pub(super) fn samples(&self, filter: Filter) -> Filter {
        let filter = self.filter(filter);
        match &self.op {
            Some(op) => self.what().of_group(filter, op),
            None => self.what().failed(filter),
        }
    }

    /// The address of this page with these parameters.
    pub(super) fn link(&self, scope: &Scope) -> String {
        let of = Some(self.of.as_str()).filter(|of| !of.is_empty());
        let pairs = [("of", of), ("op", self.op.as_deref()), ("code", self.code.as_deref())];
        scope.link(FAILURES.path, pairs.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }
}
