//! The status of a gRPC call.

/// The status of a gRPC call ([the codes]), whose HTTP status is 200 whatever its outcome.
///
/// # Examples
///
/// ```
/// use opencensus_core::GrpcStatus;
///
/// let status = GrpcStatus::new(5);
/// assert_eq!((status.name(), status.http_status()), ("NOT_FOUND", 404));
/// ```
///
/// [the codes]: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct GrpcStatus(u32);

/// Each code's name, with the HTTP status of the same meaning (`google.rpc.Code`).
const CODES: [(&str, u16); 17] = [
    ("OK", 200),
    ("CANCELLED", 499),
    ("UNKNOWN", 500),
    ("INVALID_ARGUMENT", 400),
    ("DEADLINE_EXCEEDED", 504),
    ("NOT_FOUND", 404),
    ("ALREADY_EXISTS", 409),
    ("PERMISSION_DENIED", 403),
    ("RESOURCE_EXHAUSTED", 429),
    ("FAILED_PRECONDITION", 400),
    ("ABORTED", 409),
    ("OUT_OF_RANGE", 400),
    ("UNIMPLEMENTED", 501),
    ("INTERNAL", 500),
    ("UNAVAILABLE", 503),
    ("DATA_LOSS", 500),
    ("UNAUTHENTICATED", 401),
];

impl GrpcStatus {
    /// `OK`.
    pub const OK: Self = Self(0);
    /// `UNKNOWN`, which clients also report for a call that ended without a status.
    pub const UNKNOWN: Self = Self(2);

    /// `UNIMPLEMENTED`: the application does not have the method.
    pub const UNIMPLEMENTED: Self = Self(12);

    /// The status with this code, also one that gRPC does not define.
    #[must_use]
    pub const fn new(code: u32) -> Self {
        Self(code)
    }

    /// The code, such as 5.
    #[must_use]
    pub const fn code(self) -> u32 {
        self.0
    }

    /// The code's name, such as `NOT_FOUND`. Codes that gRPC does not define are `UNKNOWN`, as for its clients.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// The HTTP status of the same meaning, which decides about success, log levels and sampling: 5 is a 404, and
    /// codes that gRPC does not define are a 500 (`google.rpc.Code`).
    #[must_use]
    pub fn http_status(self) -> u16 {
        self.entry().1
    }

    /// Whether a layer in front of the services may have refused the call with this status, before the application
    /// looked for the method: a limit, an authorization.
    pub(crate) const fn may_precede_method(self) -> bool {
        matches!(self.0, 1 | 7 | 8 | 14 | 16)
    }

    fn entry(self) -> (&'static str, u16) {
        let known = usize::try_from(self.0).ok().and_then(|code| CODES.get(code));
        *known.unwrap_or(&CODES[2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_names_and_the_http_status_of_the_same_meaning() {
        for (code, name, http) in
            [(0, "OK", 200), (1, "CANCELLED", 499), (12, "UNIMPLEMENTED", 501), (16, "UNAUTHENTICATED", 401)]
        {
            let status = GrpcStatus::new(code);
            assert_eq!((status.code(), status.name(), status.http_status()), (code, name, http));
        }
        for code in [17, u32::MAX] {
            assert_eq!((GrpcStatus::new(code).name(), GrpcStatus::new(code).http_status()), ("UNKNOWN", 500));
        }
    }
}
