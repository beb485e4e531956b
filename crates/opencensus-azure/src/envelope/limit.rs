//! Length limits of the schema.

/// Length limits in UTF-16 units, from the Bond schemas of Application Insights, version 2.
pub(crate) mod limits {
    pub(crate) const REQUEST_NAME: usize = 1024;
    pub(crate) const REQUEST_SOURCE: usize = 1024;
    pub(crate) const RESULT_CODE: usize = 1024;
    pub(crate) const DEPENDENCY_TYPE: usize = 1024;
    pub(crate) const DEPENDENCY_TARGET: usize = 1024;
    pub(crate) const DEPENDENCY_DATA: usize = 8192;
    pub(crate) const MESSAGE: usize = 32_768;
    pub(crate) const EVENT_NAME: usize = 512;
    pub(crate) const PAGE_NAME: usize = 512;
    pub(crate) const METRIC_NAME: usize = 1024;
    pub(crate) const AVAILABILITY_NAME: usize = 1024;
    pub(crate) const AVAILABILITY_MESSAGE: usize = 8192;
    pub(crate) const RUN_LOCATION: usize = 1024;
    pub(crate) const EXCEPTION_TYPE: usize = 1024;
    pub(crate) const STACK: usize = 32_768;
    pub(crate) const FRAME_TEXT: usize = 1024;
    pub(crate) const TAG_USER_ID: usize = 128;
    pub(crate) const TAG_DEVICE: usize = 256;
    pub(crate) const TAG_DEVICE_ID: usize = 1024;
    pub(crate) const REQUEST_URL: usize = 2048;
    pub(crate) const PROPERTY_KEY: usize = 150;
    pub(crate) const PROPERTY_VALUE: usize = 8192;
    pub(crate) const TAG_CLOUD_ROLE: usize = 256;
    pub(crate) const TAG_CLOUD_ROLE_INSTANCE: usize = 256;
    pub(crate) const TAG_APPLICATION_VERSION: usize = 1024;
    pub(crate) const TAG_SDK_VERSION: usize = 64;
    pub(crate) const TAG_OPERATION_NAME: usize = 1024;
    pub(crate) const TAG_LOCATION_IP: usize = 46;
    /// The schema has no limit; this is that of a property.
    pub(crate) const TAG_USER_AGENT: usize = 8192;
    pub(crate) const TAG_USER_AUTH_ID: usize = 1024;
    pub(crate) const TAG_SESSION_ID: usize = 64;
    /// A property with a message to or from a language model.
    pub(crate) const CONVERSATION: usize = 262_144;
    /// Bytes of a whole item. The service documents no limit; a conversation fits.
    pub(crate) const ITEM: usize = 512 * 1024;
}

/// The longest prefix of `text` with at most `limit` UTF-16 units.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    // A character never has more UTF-16 units than bytes.
    if text.len() <= limit {
        return text;
    }
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > limit {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_counts_utf16_units_and_never_splits_a_character() {
        for (character, units) in [("a", 1), ("é", 1), ("你", 1), ("😀", 2)] {
            let text = character.repeat(10);
            for limit in 0..=20 {
                let cut = cut(&text, limit);
                assert_eq!(cut.chars().count(), (limit / units).min(10), "{character} {limit}");
            }
        }
    }

    #[test]
    fn character_across_the_limit_is_removed_as_a_whole() {
        for start in 0..4 {
            let text = format!("{}😀", "a".repeat(start));
            assert_eq!(cut(&text, start + 1), "a".repeat(start));
            assert_eq!(cut(&text, start + 2), text);
        }
    }
}
