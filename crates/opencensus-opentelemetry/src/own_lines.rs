//! Lines of the middleware and of the pipeline themselves.

use opentelemetry_sdk::trace::SpanData;

/// Whether this is a target of the middleware's events about responses, or of the pipeline's notices. The items of the
/// requests have what they state, and a notice about an export could cause the next one.
pub(crate) fn is_own(target: &str) -> bool {
    target.strip_prefix("opencensus").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Removes the middleware's own lines from the events of a span, which tracing-opentelemetry makes of them.
pub(crate) fn remove(span: &mut SpanData) {
    span.events.events.retain(|event| {
        let target = event.attributes.iter().find(|attribute| attribute.key.as_str() == "target");
        !target.is_some_and(|target| is_own(&target.value.as_str()))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_whose_names_begin_alike_are_not_the_middleware() {
        assert!(["opencensus", "opencensus.request", "opencensus.security.csrf"].into_iter().all(is_own));
        assert!(!["opencensus_shop", "opencensus_shop::cart", "shop", "shop.opencensus"].into_iter().any(is_own));
    }
}
