//! The paths of the views.

/// The views of the application, by the first part of their path.
const VIEWS: [&str; 31] = [
    "stream503",
    "none",
    "host",
    "nohost",
    "body",
    "post",
    "form",
    "redirect",
    "caught",
    "caughtlogged",
    "chained",
    "template",
    "templatebroken",
    "sql",
    "sqlerror",
    "atomic",
    "oncommit",
    "signal",
    "session",
    "ownlog",
    "cond",
    "onlyget",
    "requireget",
    "requirepost",
    "requiresafe",
    "requireputdelete",
    "gone",
    "asyncraise",
    "sensitive404",
    "rendererror",
    "slash",
];

/// A view, with the argument that its path has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::request_logging) struct View<'a> {
    pub(in crate::request_logging) name: &'a str,
    pub(in crate::request_logging) argument: &'a str,
}

/// Finds the view of a path, as Django's URL configuration does.
pub(in crate::request_logging) fn route(path: &str) -> Option<View<'_>> {
    let parts: Vec<_> = path.strip_prefix('/')?.strip_suffix('/')?.split('/').collect();
    match *parts {
        ["raise", argument] if !argument.is_empty() => Some(View { name: "raise", argument }),
        ["status", argument] if is_number(argument) => Some(View { name: "status", argument }),
        [name] => VIEWS.contains(&name).then_some(View { name, argument: "" }),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
