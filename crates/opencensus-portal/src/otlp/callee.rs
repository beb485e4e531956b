//! What a span calls.

/// Type, target and data of a dependency.
#[derive(Debug, Default)]
pub(super) struct Callee {
    pub(super) kind: String,
    pub(super) target: Option<String>,
    pub(super) data: Option<String>,
}
