//! A page view.

use std::borrow::Cow;
use std::time::Duration;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::ids::SpanId;
use crate::telemetry::Origin;

/// A page view: a row of Application Insights' `pageViews`.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Origin, PageViewRecord};
/// use std::time::SystemTime;
///
/// let mut record = PageViewRecord::new(Origin::at(SystemTime::now()), "Checkout");
/// record.url = Some("https://shop.example/checkout".into());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PageViewRecord {
    /// Where and when it was recorded.
    pub origin: Origin,
    /// The page view's own id.
    pub id: SpanId,
    /// The page's name.
    pub name: Cow<'static, str>,
    /// The page's URL. Default: none.
    pub url: Option<Cow<'static, str>>,
    /// How long the page took to load. Default: none.
    pub duration: Option<Duration>,
    /// Its attributes. Default: none.
    pub attributes: Vec<Attribute>,
}

impl PageViewRecord {
    /// Creates a page view with a random id.
    #[must_use]
    pub fn new(origin: Origin, name: impl Into<Cow<'static, str>>) -> Self {
        let id = SpanId::random();
        Self { origin, id, name: name.into(), url: None, duration: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        let url = self.url.as_ref().map_or(0, text_size);
        size_of::<Self>() + self.origin.heap_size() + text_size(&self.name) + url + attributes_size(&self.attributes)
    }
}
