//! `PageViewData`: page views.

use opencensus_core::PageViewRecord;

use crate::encode::encoder::Encoder;
use crate::encode::json::{duration, member};
use crate::envelope::limits;

impl Encoder {
    pub(super) fn write_page_view(&mut self, out: &mut Vec<u8>, record: &PageViewRecord) {
        self.begin_below(out, "PageView", &record.origin);
        out.extend_from_slice(br#"},"data":{"baseType":"PageViewData","baseData":{"ver":2,"id":""#);
        out.extend_from_slice(&record.id.to_hex());
        out.push(b'"');
        member(out, "name", &record.name, limits::PAGE_NAME);
        if let Some(url) = &record.url {
            member(out, "url", url, limits::REQUEST_URL);
        }
        if let Some(time) = record.duration {
            duration(out, time);
        }
        self.write_properties(out, &record.attributes);
        out.extend_from_slice(b"}}}");
    }
}
