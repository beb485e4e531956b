//! Settings of the encoder.

use std::time::SystemTime;

use opencensus_core::QueryRedaction;

use crate::envelope::MAX_ITEM;

pub(crate) struct EncoderOptions {
    pub(crate) client_errors_succeed: bool,
    /// The most bytes of an item.
    pub(crate) max_item_bytes: usize,
    /// Which secrets in URLs are redacted.
    pub(crate) redaction: QueryRedaction,
    /// Whether the attributes of the resource are properties of every item.
    pub(crate) resource_properties: bool,
    /// The current time.
    pub(crate) clock: Box<dyn Fn() -> SystemTime + Send>,
}

impl Default for EncoderOptions {
    fn default() -> Self {
        Self {
            client_errors_succeed: false,
            max_item_bytes: MAX_ITEM,
            redaction: QueryRedaction::default(),
            resource_properties: true,
            clock: Box::new(SystemTime::now),
        }
    }
}
