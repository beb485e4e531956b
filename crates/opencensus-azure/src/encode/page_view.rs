//! `PageViewData`: page views.

use opencensus_core::PageViewRecord;

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::tag::CLIENT_ADDRESS;

impl Encoder {
    pub(super) fn write_page_view(&mut self, out: &mut Buffer<'_>, record: &PageViewRecord) {
        let attributes = Attributes::new(&record.attributes);
        self.begin_below(out, "PageView", &record.origin);
        self.write_tags(out, &attributes, &CLIENT_ADDRESS);
        out.extend_from_slice(br#"},"data":{"baseType":"PageViewData","baseData":{"ver":2,"id":""#);
        out.extend_from_slice(&record.id.to_hex());
        out.push(b'"');
        self.write_name(out, fields::PAGE_NAME, &record.name, &record.attributes);
        if let Some(url) = &record.url {
            out.member(fields::PAGE_URL, &self.options.redaction.apply_to_url(url));
        }
        if let Some(time) = record.duration {
            out.duration(time);
        }
        self.write_properties(out, &attributes, |_, _| {});
        out.extend_from_slice(b"}}}");
    }
}
