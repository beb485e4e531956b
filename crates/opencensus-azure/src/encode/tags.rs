//! Tags that hold attributes of the item: the client, the user and the session.

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::tag::{TAGS, USER_AGENT};

impl Encoder {
    /// Writes the tags of the client, the user and the session. `address` are the keys of the client's address.
    pub(super) fn write_tags(&mut self, out: &mut Buffer<'_>, attributes: &Attributes<'_>, address: &[&str]) {
        if let Some(address) = attributes.take_for(fields::LOCATION_IP, address) {
            out.member(fields::LOCATION_IP, &address);
        }
        let user_agent = attributes.take_for(fields::USER_AGENT, &USER_AGENT);
        if let Some(user_agent) = &user_agent {
            out.member(fields::USER_AGENT, user_agent);
        }
        if let Some(source) = self.synthetic.of(attributes.list(), user_agent.as_deref()) {
            out.member(fields::SYNTHETIC_SOURCE, source);
        }
        self.write_user_tags(out, attributes);
    }

    /// Writes the tags of the user and the session.
    pub(super) fn write_user_tags(&mut self, out: &mut Buffer<'_>, attributes: &Attributes<'_>) {
        for (tag, keys) in TAGS {
            if let Some(value) = attributes.take_for(tag, keys) {
                out.member(tag, &value);
            }
        }
    }
}
