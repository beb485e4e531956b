//! Wraps custom observers for the settings.

use std::fmt;
use std::sync::Arc;

use opencensus_core::{EndEvent, Observer, ResponseEvent};

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
///     fn on_response(&self, response: &ResponseEvent<'_>) {
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
    fn is_enabled(&self) -> bool {
        self.0.is_enabled()
    }

    fn observes_success(&self) -> bool {
        self.0.observes_success()
    }

    fn needs_details(&self) -> bool {
        self.0.needs_details()
    }

    fn observes_end(&self) -> bool {
        self.0.observes_end()
    }

    fn on_response(&self, response: &ResponseEvent<'_>) {
        self.0.on_response(response);
    }

    fn on_end(&self, end: &EndEvent<'_>) {
        self.0.on_end(end);
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
