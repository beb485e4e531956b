//! The public form of the request counters.

/// How many requests began and how many have ended since the start, whether they were kept, blacklisted
/// or sampled out.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, Pipeline, PipelineLimits};
///
/// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
/// let requests = pipeline.stats().requests;
/// assert_eq!((requests.started(), requests.in_flight(), requests.finished(2)), (0, 0, 0));
/// # Ok::<(), opencensus_core::StartError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RequestCounts {
    started: u64,
    finished: [u64; 6],
}

impl RequestCounts {
    pub(super) fn new(started: u64, finished: [u64; 6]) -> Self {
        Self { started, finished }
    }

    /// Requests that began.
    #[must_use]
    pub fn started(&self) -> u64 {
        self.started
    }

    /// Requests that have not ended yet.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.started.saturating_sub(self.finished.iter().sum())
    }

    /// Requests that ended with a status of this class, such as 2 for 200 to 299. Class 0 holds requests
    /// that ended without a response.
    #[must_use]
    pub fn finished(&self, class: u8) -> u64 {
        self.finished.get(usize::from(class)).copied().unwrap_or_default()
    }

    /// Formats the numbers as a JSON object.
    pub(super) fn to_json(&self) -> String {
        let [none, one, two, three, four, five] = self.finished;
        format!(
            "{{\"started\":{},\"in_flight\":{},\"finished\":{{\"1xx\":{one},\"2xx\":{two},\"3xx\":{three},\
             \"4xx\":{four},\"5xx\":{five},\"none\":{none}}}}}",
            self.started,
            self.in_flight()
        )
    }
}
