//! The conditions of entries besides host and path.

/// The method and the scheme that an entry requires.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Condition {
    pub(super) method: Option<Box<str>>,
    pub(super) scheme: Option<Box<str>>,
}

impl Condition {
    /// Whether a request meets the condition. An unknown scheme meets any.
    pub(super) fn holds(&self, method: &str, scheme: Option<&str>) -> bool {
        let method_fits = self.method.as_deref().is_none_or(|required| required == method);
        let scheme_fits = |required: &str| scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case(required));
        method_fits && self.scheme.as_deref().is_none_or(scheme_fits)
    }

    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// The conditions of several entries, of which one must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    // One entry has no condition, which is usual.
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
