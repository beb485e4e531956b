//! The names of gRPC methods that name operations.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::telemetry::GrpcStatus;

/// How many methods name operations.
const MAX_METHODS: usize = 1000;
/// How many of them have only had calls that a layer in front of the services may have refused, whatever method the
/// caller named.
const MAX_UNCERTAIN: usize = 64;
/// Longest name, in bytes.
const MAX_LENGTH: usize = 256;

/// The gRPC methods that the application is known to have. Their number is bounded, because a caller can name any
/// method: a layer in front of the services may refuse the call before the application looks for the method.
#[derive(Debug, Default)]
pub(crate) struct GrpcMethods(Mutex<Methods>);

#[derive(Debug, Default)]
struct Methods {
    certain: HashSet<Box<str>>,
    uncertain: HashSet<Box<str>>,
}

impl GrpcMethods {
    /// The name of the method that was called with this path and status, such as `helloworld.Greeter/SayHello`.
    /// `None`: the path names no method, the application does not have it, or too many others have names.
    pub(crate) fn name<'a>(&self, path: &'a str, status: GrpcStatus) -> Option<&'a str> {
        let name = path.strip_prefix('/').filter(|name| is_method(name))?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).admits(name, status).then_some(name)
    }
}

impl Methods {
    fn admits(&mut self, name: &str, status: GrpcStatus) -> bool {
        if self.certain.contains(name) {
            return true;
        }
        let (names, limit) = if status == GrpcStatus::UNIMPLEMENTED {
            return false;
        } else if status.may_precede_method() {
            (&mut self.uncertain, MAX_UNCERTAIN)
        } else {
            self.uncertain.remove(name);
            (&mut self.certain, MAX_METHODS)
        };
        names.contains(name) || names.len() < limit && names.insert(name.into())
    }
}

/// Whether the text is `package.Service/Method` (protobuf's grammar of names).
fn is_method(name: &str) -> bool {
    let Some((service, method)) = name.split_once('/') else { return false };
    name.len() <= MAX_LENGTH && service.split('.').all(is_identifier) && is_identifier(method)
}

fn is_identifier(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_methods_have_names() {
        let methods = GrpcMethods::default();
        let name = |path| methods.name(path, GrpcStatus::OK);
        assert_eq!(name("/helloworld.Greeter/SayHello"), Some("helloworld.Greeter/SayHello"));
        assert_eq!(name("/Greeter/say_hello2"), Some("Greeter/say_hello2"));
        let too_long = format!("/{}/b", "a".repeat(300));
        for path in ["", "/", "/a", "/a/b/c", "/a./b", "/1a/b", "/a/ü", "/a/b c", "//b", "a/b", &too_long] {
            assert_eq!(name(path), None, "{path}");
        }
    }

    #[test]
    fn method_that_the_application_does_not_have_names_nothing() {
        let methods = GrpcMethods::default();
        assert_eq!(methods.name("/shop.Basket/Steal", GrpcStatus::UNIMPLEMENTED), None);
        assert!(methods.name("/shop.Basket/Add", GrpcStatus::new(13)).is_some());
        assert!(methods.name("/shop.Basket/Add", GrpcStatus::UNIMPLEMENTED).is_some(), "it exists");
    }

    #[test]
    fn callers_cannot_make_names_without_a_bound() {
        let methods = GrpcMethods::default();
        let count = |status: u32, calls: usize, service: &str| {
            let call = |n: usize| methods.name(&format!("/{service}/M{n}"), GrpcStatus::new(status)).is_some();
            (0..calls).filter(|n| call(*n)).count()
        };
        assert_eq!(count(16, 5000, "guessed.Service"), 64, "refused before the service");
        assert_eq!(count(0, 5000, "real.Service"), 1000);
        assert_eq!(count(16, 5000, "real.Service"), 1000, "known by now");
    }
}
