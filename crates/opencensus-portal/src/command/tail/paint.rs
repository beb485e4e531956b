//! Colours for terminals.

use std::io::IsTerminal;

/// A style of text, as the parameters of an escape sequence.
#[derive(Clone, Copy, Debug)]
pub(super) enum Style {
    Dim,
    Failed,
    Warning,
}

/// Whether output has colours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    is_on: bool,
}

impl Paint {
    /// Colours for a terminal, unless the environment has `NO_COLOR`.
    pub(super) fn detect(output: &impl IsTerminal) -> Self {
        let is_denied = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { is_on: output.is_terminal() && !is_denied && !is_dumb }
    }

    #[cfg(test)]
    pub(super) fn new(is_on: bool) -> Self {
        Self { is_on }
    }

    /// The text in this style.
    pub(super) fn apply(self, style: Style, text: &str) -> String {
        let parameters = match style {
            _ if !self.is_on => return text.to_owned(),
            Style::Dim => "2",
            Style::Failed => "1;31",
            Style::Warning => "33",
        };
        format!("\u{1b}[{parameters}m{text}\u{1b}[0m")
    }
}
