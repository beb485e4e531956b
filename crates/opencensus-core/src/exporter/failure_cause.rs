//! Why a batch was not delivered, in words.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// Why a batch was not delivered, in words for the operator: the endpoint's host, the problem, the endpoint's own
/// message, and the remedy. An exporter returns it with [`Delivery::because`](crate::Delivery::because); the pipeline
/// logs it.
///
/// It must hold no secret: neither keys nor credentials of a URL.
///
/// # Examples
///
/// ```
/// use opencensus_core::FailureCause;
///
/// let cause = FailureCause::new("401 Unauthorized")
///     .with_endpoint("shop.example")
///     .with_message("Token expired\n")
///     .with_remedy("check the credential of the exporter");
/// assert_eq!(
///     cause.to_string(),
///     "`shop.example`: 401 Unauthorized: \"Token expired\"; check the credential of the exporter"
/// );
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FailureCause {
    problem: String,
    endpoint: Option<String>,
    message: Option<String>,
    remedy: Option<Cow<'static, str>>,
}

impl FailureCause {
    /// The most characters of the endpoint's message that are kept.
    pub const MAX_MESSAGE: usize = 200;

    /// A cause with this problem, such as the status of the response.
    #[must_use]
    pub fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), endpoint: None, message: None, remedy: None }
    }

    /// A cause whose problem is the error and its sources, each once: `could not connect: connection refused`.
    #[must_use]
    pub fn from_error(error: &(dyn Error + 'static)) -> Self {
        Self::new(chain(error))
    }

    /// Adds the host of the endpoint, with its port unless that is the scheme's default.
    #[must_use]
    pub fn with_endpoint(mut self, host: impl Into<String>) -> Self {
        self.endpoint = Some(host.into());
        self
    }

    /// Adds the endpoint's own message. White space and control characters become single spaces, and the text is cut
    /// to [`MAX_MESSAGE`](Self::MAX_MESSAGE) characters. An empty message is ignored.
    #[must_use]
    pub fn with_message(mut self, message: &str) -> Self {
        self.message = Some(one_line(message)).filter(|message| !message.is_empty());
        self
    }

    /// Adds what the operator can do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The host of the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }
}

impl fmt::Display for FailureCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(endpoint) = &self.endpoint {
            write!(f, "`{endpoint}`: ")?;
        }
        f.write_str(&self.problem)?;
        if let Some(message) = &self.message {
            write!(f, ": \"{message}\"")?;
        }
        match &self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

/// The texts of an error and its sources. A source whose text the error's own text ends with is left out.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = one_line(&error.to_string());
    let mut source = error.source();
    while let Some(error) = source {
        let next = one_line(&error.to_string());
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = error.source();
    }
    text
}

fn one_line(text: &str) -> String {
    // A message of several megabytes must not be copied as a whole.
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = String::new();
    for word in words {
        if line.len() > 4 * FailureCause::MAX_MESSAGE {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().take(FailureCause::MAX_MESSAGE + 1));
    }
    match line.char_indices().nth(FailureCause::MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_is_one_line_of_at_most_200_characters() {
        let cause = |message: &str| FailureCause::new("400").with_message(message).to_string();
        assert_eq!(cause("  not\r\n\u{1b}[31m a\tkey "), "400: \"not [31m a key\"");
        assert_eq!(cause(" \n "), "400");
        let long = cause(&"ä".repeat(1_000_000));
        assert_eq!(long.chars().count(), "400: \"…\"".chars().count() + 200);
    }

    #[test]
    fn problem_of_an_error_names_each_source_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("could not connect")]
        struct Connect(#[source] Described);
        #[derive(Debug, thiserror::Error)]
        #[error("tcp: {0}")]
        struct Described(#[source] std::io::Error);
        let error = Connect(Described(std::io::Error::other("refused")));
        assert_eq!(FailureCause::from_error(&error).to_string(), "could not connect: tcp: refused");
    }
}
