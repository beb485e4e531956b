//! What an entry asks of a request beside its host and path.

/// What an entry asks of a request beside its host and path.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Condition {
    pub(super) method: Option<Box<str>>,
    pub(super) scheme: Option<Box<str>>,
}

impl Condition {
    /// A scheme that is not known may be any.
    pub(super) fn holds(&self, method: &str, scheme: Option<&str>) -> bool {
        let method_fits = self.method.as_deref().is_none_or(|wanted| wanted == method);
        let scheme_fits = |wanted: &str| scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case(wanted));
        method_fits && self.scheme.as_deref().is_none_or(scheme_fits)
    }

    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Conditions of several entries, one of which must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    // An entry without any: the usual one.
    always: bool,
    others: Vec<Condition>,
}

impl Conditions {
    pub(super) fn add(&mut self, condition: Condition) {
        if condition.is_none() {
            self.always = true;
        } else if !self.others.contains(&condition) {
            self.others.push(condition);
        }
    }

    #[inline]
    pub(super) fn any(&self, holds: impl Fn(&Condition) -> bool) -> bool {
        self.always || !self.others.is_empty() && self.others.iter().any(holds)
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.always && self.others.is_empty()
    }
}
