//! The problem id of an exception, which groups exceptions with the same reason.

use serde_json::{Map, Value};

/// The problem id that the client gave, or else the exception's type and the method that failed. A method without a name,
/// such as a closure, is named by its file.
pub(super) fn problem_id(base: &Map<String, Value>) -> Option<String> {
    let exception = base.get("exceptions").and_then(|exceptions| exceptions.get(0));
    base.get("problemId").and_then(text).map(str::to_owned).or_else(|| {
        let name = exception?.get("typeName").and_then(text)?;
        let frame = |field: &str| exception?.pointer(&format!("/parsedStack/0/{field}")).and_then(text);
        Some(match (frame("method"), frame("fileName").map(file_name)) {
            (Some(method), Some(file)) if is_anonymous(method) => format!("{name} at {method} in {file}"),
            (Some(method), _) => format!("{name} at {method}"),
            (None, _) => name.to_owned(),
        })
    })
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// Whether a method is a closure or a block alone, as in `{async_fn#0}`, `{{closure}}` and `<lambda>`.
fn is_anonymous(method: &str) -> bool {
    method.starts_with(['{', '<'])
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn problem_is_the_type_and_the_method_or_the_file_of_a_closure() {
        let problem = |base: Value| problem_id(base.as_object().unwrap());
        let at = |method: &str| json!({"exceptions": [{"typeName": "panic", "parsedStack": [{"method": method, "fileName": "./src/stock.rs"}]}]});
        assert_eq!(problem(at("shop::stock")).unwrap(), "panic at shop::stock");
        assert_eq!(problem(at("{async_fn#0}")).unwrap(), "panic at {async_fn#0} in stock.rs");
        assert_eq!(problem(at("")).unwrap(), "panic");
        let given = json!({"problemId": "mine", "exceptions": [{"typeName": "E"}]});
        assert_eq!(problem(given).unwrap(), "mine");
        for none in [json!({"exceptions": [{"typeName": "", "message": "m"}]}), json!({"exceptions": []}), json!({})] {
            assert_eq!(problem(none), None);
        }
    }
}
