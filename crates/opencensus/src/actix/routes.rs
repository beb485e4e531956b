//! Finds the route of a request by its path.

use std::cell::OnceCell;
use std::rc::Rc;

use actix_web::HttpRequest;
use actix_web::dev::{ResourceMap, ServiceRequest};

use crate::middleware::framework::Routes;

/// The routes of a worker, taken from its first request, for requests that are cancelled or panic. Such a request no
/// longer exists, but its path is known: the path decides alone, without guards.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkerRoutes(Rc<OnceCell<ResourceMap>>);

impl WorkerRoutes {
    /// These routes, which the first request initializes.
    pub(super) fn get_or_init(&self, request: &ServiceRequest) -> Self {
        self.0.get_or_init(|| request.resource_map().clone());
        self.clone()
    }
}

impl Routes for WorkerRoutes {
    fn route_of(&self, path: &str) -> Option<String> {
        let pattern = self.0.get()?.match_pattern(path)?;
        Some(with_tail(pattern, path))
    }
}

/// The route of a request, as far as actix-web has matched it: a pattern, or the prefix of a service such as `Files`
/// or of a scope whose default service responds.
pub(super) fn route_of(request: &HttpRequest) -> Option<String> {
    let path = request.path();
    match request.match_pattern() {
        Some(pattern) => Some(with_tail(pattern, path)),
        None => {
            let info = request.match_info();
            let prefix = path.strip_suffix(info.unprocessed())?.trim_end_matches('/');
            // A prefix with parameters would give a name to each of their values.
            (!prefix.is_empty() && info.is_empty()).then(|| format!("{prefix}/*"))
        }
    }
}

/// Adds `/*` to the pattern of a prefix, which matches longer paths.
fn with_tail(pattern: String, path: &str) -> String {
    // A pattern with a regular expression may match several segments, and may contain slashes.
    let is_plain = !pattern.is_empty() && !pattern.bytes().any(|byte| byte == b':');
    let is_prefix = is_plain && segments(path) > segments(&pattern);
    if is_prefix { format!("{}/*", pattern.trim_end_matches('/')) } else { pattern }
}

/// The number of segments that are not empty. By bytes: a search for characters costs each request 500 instructions.
fn segments(path: &str) -> usize {
    let mut previous = b'/';
    path.bytes().filter(|byte| std::mem::replace(&mut previous, *byte) == b'/' && *byte != b'/').count()
}
