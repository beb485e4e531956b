//! Names of routes that routers use for themselves.

use std::borrow::Cow;

/// Part of the names of parameters that axum adds to routes: `/api/{*__private__axum_fallback}`.
const PRIVATE: &str = "__private";

/// The route without the parts that a router keeps to itself: what follows a prefix is `*`, as in `/assets/*`.
///
/// # Examples
///
/// ```
/// use opencensus_core::request::public_route;
///
/// assert_eq!(public_route("/users/{id}"), "/users/{id}");
/// assert_eq!(public_route("/api/{*__private__axum_fallback}"), "/api/*");
/// ```
#[must_use]
pub fn public_route(route: &str) -> Cow<'_, str> {
    let Some(position) = route.find(PRIVATE) else { return Cow::Borrowed(route) };
    let prefix = route[..position].rsplit_once('/').map_or("", |(prefix, _)| prefix);
    Cow::Owned(format!("{prefix}/*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_parts_of_routes_are_no_names() {
        for (route, expected) in [
            ("/{*__private__axum_nest_tail_param}", "/*"),
            ("/a/{b}/{*__private__axum_nest_tail_param}", "/a/{b}/*"),
            ("/a/{__private__x}/b", "/a/*"),
            ("__private__x", "/*"),
            ("/private", "/private"),
        ] {
            assert_eq!(public_route(route), expected);
        }
    }
}
