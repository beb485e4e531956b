//! What a request's headers state about its caller.

use crate::propagation::{RemoteParent, TraceState};

/// What a request's headers state about its caller.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Caller {
    /// Nothing: the request begins a trace.
    #[default]
    Unknown,
    /// A sampling decision without ids, as B3 has it: the request begins a trace.
    Decision(bool),
    /// The context of the caller's span.
    Parent(RemoteParent),
}

impl Caller {
    /// The caller's sampling decision. `None`: it made none, or left it open.
    pub(crate) fn decision(&self) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Decision(is_sampled) => Some(*is_sampled),
            Self::Parent(parent) => parent.has_decided.then(|| parent.context.flags().is_sampled()),
        }
    }

    /// The context of the caller's span.
    #[inline]
    pub(crate) fn parent(&self) -> Option<&RemoteParent> {
        if let Self::Parent(parent) = self { Some(parent) } else { None }
    }

    /// The caller's `tracestate`.
    #[inline]
    pub(crate) fn state(&self) -> Option<&TraceState> {
        self.parent()?.state.as_ref()
    }

    /// The same, moved.
    #[inline]
    pub(crate) fn into_state(self) -> Option<TraceState> {
        if let Self::Parent(parent) = self { parent.state } else { None }
    }
}

impl From<Option<RemoteParent>> for Caller {
    #[inline]
    fn from(parent: Option<RemoteParent>) -> Self {
        parent.map_or(Self::Unknown, Self::Parent)
    }
}
