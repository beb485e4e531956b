//! A page view.

use std::borrow::Cow;
use std::time::Duration;

use crate::attribute::{Attribute, attributes_size, text_size};
use crate::ids::SpanId;
use crate::telemetry::Origin;

/// A page that somebody looked at.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PageViewRecord {
    /// Where and when.
    pub origin: Origin,
    /// Its own id.
    pub id: SpanId,
    /// The page's name.
    pub name: Cow<'static, str>,
    /// Its address.
    pub url: Option<Cow<'static, str>>,
    /// How long it took to load.
    pub duration: Option<Duration>,
    /// More about it.
    pub attributes: Vec<Attribute>,
}

impl PageViewRecord {
    /// A view of the page of this name.
    #[must_use]
    pub fn new(origin: Origin, name: impl Into<Cow<'static, str>>) -> Self {
        let id = SpanId::random();
        Self { origin, id, name: name.into(), url: None, duration: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        let url = self.url.as_ref().map_or(0, text_size);
        size_of::<Self>() + self.origin.heap_size() + text_size(&self.name) + url + attributes_size(&self.attributes)
    }
}
