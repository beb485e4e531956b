//! Custom observers.

use std::fmt;
use std::sync::Arc;

use opencensus_core::{Observer, ResponseEvent};

/// A custom observer of responses. Two are equal if they share one observer.
///
/// # Examples
///
/// ```
/// use opencensus::settings::CustomObserver;
/// use opencensus::{Observer, ResponseEvent, Settings};
///
/// #[derive(Debug)]
/// struct Alarm;
///
/// impl Observer for Alarm {
///     fn answered(&self, response: &ResponseEvent<'_>) {
///         eprintln!("{}", response.status);
///     }
/// }
///
/// let mut settings = Settings::default();
/// settings.trace.observers.push(CustomObserver::new(Alarm));
/// ```
#[derive(Clone)]
pub struct CustomObserver(Arc<dyn Observer>);

impl CustomObserver {
    /// Wraps an observer.
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
