//! Wraps custom processors for the settings.

use std::fmt;
use std::sync::Arc;

use opencensus_core::{Processor, TelemetryItem};

/// A function that changes or drops items before they are exported. Two are equal if they share one function.
///
/// # Examples
///
/// ```
/// use opencensus::settings::CustomProcessor;
/// use opencensus::Settings;
/// use opencensus::core::TelemetryItem;
///
/// let mut settings = Settings::default();
/// settings.trace.processors = vec![CustomProcessor::new(|item| !matches!(item, TelemetryItem::Metric(_)))];
/// ```
#[derive(Clone)]
pub struct CustomProcessor(Arc<dyn Fn(&mut TelemetryItem) -> bool + Send + Sync>);

impl CustomProcessor {
    /// Wraps a function that returns `false` to drop an item.
    pub fn new(processor: impl Fn(&mut TelemetryItem) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(processor))
    }

    pub(crate) fn boxed(&self) -> Processor {
        let processor = Arc::clone(&self.0);
        Box::new(move |item| processor(item))
    }
}

impl fmt::Debug for CustomProcessor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomProcessor")
    }
}

impl PartialEq for CustomProcessor {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
