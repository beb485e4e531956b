//! An observer of one's own.

use std::fmt;
use std::sync::Arc;

use opencensus_core::{Observer, ResponseEvent};

/// An observer of one's own. Two are equal if they are one.
#[derive(Clone)]
pub struct CustomObserver(Arc<dyn Observer>);

impl CustomObserver {
    /// Wraps it.
    pub fn new(observer: impl Observer) -> Self {
        Self(Arc::new(observer))
    }
}

impl Observer for CustomObserver {
    fn is_interested(&self) -> bool {
        self.0.is_interested()
    }

    fn observes_success(&self) -> bool {
        self.0.observes_success()
    }

    fn wants_details(&self) -> bool {
        self.0.wants_details()
    }

    fn answered(&self, answer: &ResponseEvent<'_>) {
        self.0.answered(answer);
    }
}

impl fmt::Debug for CustomObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for CustomObserver {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
