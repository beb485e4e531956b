//! Properties: the attributes that no field of the envelope holds.

use opencensus_core::Attribute;

use crate::encode::encoder::Encoder;
use crate::encode::json::{close_object, member};
use crate::envelope::{cut, limits};
use crate::mapping::{self, span};

impl Encoder {
    /// Writes the `properties` object, if there are any.
    pub(super) fn write_properties(&mut self, out: &mut Vec<u8>, attributes: &[Attribute]) {
        let start = out.len();
        self.write_unmapped(out, attributes);
        close_object(out, start, "properties");
    }

    /// Writes the members of the `properties` object.
    pub(super) fn write_unmapped(&mut self, out: &mut Vec<u8>, attributes: &[Attribute]) {
        let is_mapped = |key: &str| span::is_mapped(key) || mapping::tag_of(key).is_some();
        for attribute in attributes.iter().filter(|attribute| !attribute.key.is_empty() && !is_mapped(&attribute.key)) {
            self.write_property(out, attribute);
        }
    }

    pub(super) fn write_property(&mut self, out: &mut Vec<u8>, attribute: &Attribute) {
        mapping::write_value(&mut self.scratch, &attribute.key, &attribute.value);
        let limit = mapping::property_limit(&attribute.key);
        member(out, cut(&attribute.key, limits::PROPERTY_KEY), &self.scratch, limit);
    }
}
