//! The user, the route and the form that a handler adds to the report of its request.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use opencensus_core::RequestDetails;

/// The user, the route and the form of one request, shared by its handler and the middleware. It is in the request's extensions
/// if an observer may report the request: only the handler knows the body, and who is signed in.
#[derive(Clone, Default)]
pub(crate) struct SharedFormData(Arc<Mutex<FormData>>);

#[derive(Default)]
struct FormData {
    user: Option<String>,
    route: Option<String>,
    form: Vec<(String, String)>,
    files: Vec<(String, String)>,
}

impl SharedFormData {
    pub(crate) fn set_user(&self, user: &str) {
        self.with(|data| data.user = Some(user.to_owned()));
    }

    pub(crate) fn set_route(&self, route: &str) {
        self.with(|data| data.route = Some(route.to_owned()));
    }

    pub(crate) fn take_route(&self) -> Option<String> {
        self.with(|data| data.route.take())
    }

    pub(crate) fn set_form(&self, form: impl Iterator<Item = (String, String)>) {
        let form = bounded(form);
        self.with(|data| data.form = form);
    }

    pub(crate) fn set_files(&self, files: impl Iterator<Item = (String, String)>) {
        let files = bounded(files);
        self.with(|data| data.files = files);
    }

    pub(crate) fn move_to(&self, details: &mut RequestDetails) {
        self.with(|data| {
            let FormData { user, form, files, .. } = std::mem::take(data);
            (details.user, details.form, details.files) = (user, form, files);
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut FormData) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The maximum number of fields of one form.
const MAX_FIELDS: usize = 128;
/// The maximum number of bytes of one name or value.
const MAX_TEXT_BYTES: usize = 4 << 10;
/// The maximum number of bytes of all names and values of one form.
const MAX_BYTES: usize = 8 << 10;

/// The first fields of a form, within the limits: a client must not be able to fill the memory.
fn bounded(fields: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut room = MAX_BYTES;
    let mut cut = |text: String| {
        let text = cut(text, MAX_TEXT_BYTES.min(room));
        room -= text.len();
        text
    };
    let fields = fields.take(MAX_FIELDS).map(|(name, value)| (cut(name), cut(value)));
    fields.filter(|(name, _)| !name.is_empty()).collect()
}

fn cut(text: String, max_bytes: usize) -> String {
    let end = (0..=max_bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    // Not `truncate`: it keeps the allocation of the whole text.
    if end < text.len() { text[..end].to_owned() } else { text }
}

/// Shows no content: it is personal data.
impl fmt::Debug for SharedFormData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedFormData")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_and_length_of_form_fields_are_bounded() {
        let form_data = SharedFormData::default();
        form_data.set_form((0..1000).map(|n| (n.to_string(), "é".repeat(MAX_TEXT_BYTES))));
        form_data.set_files((0..1000).map(|n| (n.to_string(), "x".to_owned())));
        let mut details = RequestDetails::default();
        form_data.move_to(&mut details);
        let lengths: Vec<_> = details.form.iter().map(|(_, value)| value.len()).collect();
        assert_eq!(lengths, [MAX_TEXT_BYTES, MAX_TEXT_BYTES - 2], "all fields together are bounded");
        assert_eq!((details.files.len(), &*details.files[127].0), (MAX_FIELDS, "127"));
        let odd = "x".to_owned() + &"é".repeat(MAX_TEXT_BYTES);
        assert_eq!(cut(odd, MAX_TEXT_BYTES).len(), MAX_TEXT_BYTES - 1, "a character stays whole");
    }
}
