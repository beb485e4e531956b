//! Filters of one kind of items, for tests.

use crate::store::{Filter, ItemKind};

macro_rules! filters {
    ($($(#[$documentation:meta])* $name:ident: $kind:ident;)*) => {$(
        $(#[$documentation])*
        #[must_use]
        pub fn $name() -> Filter {
            Filter::default().of_kind(ItemKind::$kind)
        }
    )*};
}

filters! {
    /// Matches incoming requests.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_portal::{Portal, requests};
    /// use std::time::Duration;
    ///
    /// let portal = Portal::start()?;
    /// let failed = requests().named("GET /boom").status(500).role("shop");
    /// let error = portal.wait_for_blocking_within(failed, 1, Duration::ZERO).unwrap_err();
    /// assert!(error.to_string().contains("request items named `GET /boom` with code = 500 and role = shop"));
    /// # Ok::<(), opencensus_portal::PortalError>(())
    /// ```
    requests: Request;
    /// Matches outgoing calls.
    dependencies: Dependency;
    /// Matches log records, whose name is their message.
    traces: Trace;
    /// Matches errors and panics, whose name is their type.
    exceptions: Exception;
    /// Matches custom events.
    events: Event;
    /// Matches values of metrics.
    metrics: Metric;
    /// Matches results of availability tests.
    availability_results: Availability;
    /// Matches page views in browsers.
    page_views: PageView;
}
