//! Properties: the attributes that no field of the envelope holds.

use opencensus_core::Attribute;

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::envelope::{cut, fields, write_time};
use crate::mapping::attributes::Attributes;
use crate::mapping::{self, tag};

/// The names of texts that were shortened, because the item was too large.
const SHORTENED: &str = "opencensus.shortened";
/// The number of properties that were left out, because the item was too large.
const LEFT_OUT: &str = "opencensus.left_out";
/// The time that the service would have refused.
const ORIGINAL_TIME: &str = "opencensus.original_time";

impl Encoder {
    /// Writes the `properties` object, if there are any: those that `write_own` writes, and the attributes that no
    /// field or tag holds.
    pub(super) fn write_properties(
        &mut self,
        out: &mut Buffer<'_>,
        attributes: &Attributes<'_>,
        write_own: impl FnOnce(&mut Self, &mut Buffer<'_>),
    ) {
        let start = out.len();
        write_own(self, out);
        if self.options.resource_properties {
            self.write_resource(out, attributes);
        }
        let mut room = out.reduction().map_or(usize::MAX, |reduction| reduction.properties);
        for attribute in attributes.properties() {
            if room == 0 {
                out.reduction().into_iter().for_each(|reduction| reduction.left_out += 1);
                continue;
            }
            room -= 1;
            self.write_property(out, attribute);
        }
        self.write_notes(out);
        out.close_object(start, "properties");
    }

    fn write_resource(&self, out: &mut Buffer<'_>, attributes: &Attributes<'_>) {
        for (key, member) in &self.process().properties {
            // The item's own attribute of this key is more specific.
            if !attributes.list().iter().any(|attribute| attribute.key == *key) {
                out.extend_from_slice(member);
            }
        }
    }

    fn write_property(&mut self, out: &mut Buffer<'_>, attribute: &Attribute) {
        mapping::write_value(&mut self.scratch, &attribute.key, &attribute.value);
        let value = mapping::redact_value(self.options.redaction, &attribute.key, &self.scratch);
        let key = cut(&attribute.key, fields::PROPERTY_KEY.limit);
        out.named(key, &value, tag::property_field(&attribute.key).limit);
    }

    /// Writes how the item differs from what was recorded.
    fn write_notes(&self, out: &mut Buffer<'_>) {
        if let Some(time) = self.refused_time {
            let mut text = Vec::new();
            write_time(&mut text, time);
            out.named(ORIGINAL_TIME, &String::from_utf8_lossy(&text), fields::PROPERTY_VALUE.limit);
        }
        let Some(reduction) = out.reduction() else { return };
        let (shortened, left_out) = (std::mem::take(&mut reduction.shortened), reduction.left_out);
        if !shortened.is_empty() {
            out.named(SHORTENED, &shortened, fields::PROPERTY_VALUE.limit);
        }
        if left_out > 0 {
            out.named(LEFT_OUT, &left_out.to_string(), fields::PROPERTY_VALUE.limit);
        }
    }
}
