//! What a handler adds to the report of its request.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use opencensus_core::RequestDetails;

/// In a request's extensions if somebody may report the request: only its handler knows what was in the body, and who
/// is signed in.
#[derive(Clone, Default)]
pub(crate) struct Supplement(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    user: Option<String>,
    form: Vec<(String, String)>,
    files: Vec<(String, String)>,
}

impl Supplement {
    pub(crate) fn set_user(&self, user: &str) {
        self.with(|told| told.user = Some(user.to_owned()));
    }

    pub(crate) fn set_form(&self, form: impl Iterator<Item = (String, String)>) {
        let form = bounded(form);
        self.with(|told| told.form = form);
    }

    pub(crate) fn set_files(&self, files: impl Iterator<Item = (String, String)>) {
        let files = bounded(files);
        self.with(|told| told.files = files);
    }

    pub(crate) fn move_to(&self, details: &mut RequestDetails) {
        self.with(|told| {
            let Told { user, form, files } = std::mem::take(told);
            (details.user, details.form, details.files) = (user, form, files);
        });
    }

    fn with(&self, work: impl FnOnce(&mut Told)) {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Fields that are kept, bytes of a name or a value, and of all of them.
const MOST_FIELDS: usize = 128;
const LONGEST: usize = 4 << 10;
const MOST: usize = 8 << 10;

/// A stranger's form must not fill the memory.
fn bounded(fields: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut room = MOST;
    let mut cut = |text: String| {
        let text = cut(text, LONGEST.min(room));
        room -= text.len();
        text
    };
    let fields = fields.take(MOST_FIELDS).map(|(name, value)| (cut(name), cut(value)));
    fields.filter(|(name, _)| !name.is_empty()).collect()
}

fn cut(text: String, longest: usize) -> String {
    let end = (0..=longest.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    // Not `truncate`: what was longer keeps its memory.
    if end < text.len() { text[..end].to_owned() } else { text }
}

/// Nothing of what it holds.
impl fmt::Debug for Supplement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Supplement")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_many_fields_are_cut() {
        let supplement = Supplement::default();
        supplement.set_form((0..1000).map(|n| (n.to_string(), "é".repeat(LONGEST))));
        supplement.set_files((0..1000).map(|n| (n.to_string(), "x".to_owned())));
        let mut details = RequestDetails::default();
        supplement.move_to(&mut details);
        let lengths: Vec<_> = details.form.iter().map(|(_, value)| value.len()).collect();
        assert_eq!(lengths, [LONGEST, LONGEST - 2], "all fields together are bounded");
        assert_eq!((details.files.len(), &*details.files[127].0), (MOST_FIELDS, "127"));
        let crooked = "x".to_owned() + &"é".repeat(LONGEST);
        assert_eq!(cut(crooked, LONGEST).len(), LONGEST - 1, "a character stays whole");
    }
}
