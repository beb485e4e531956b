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

    pub(crate) fn add_to(&self, details: &mut RequestDetails) {
        self.with(|told| {
            details.user.clone_from(&told.user);
            details.form.clone_from(&told.form);
            details.files.clone_from(&told.files);
        });
    }

    fn with(&self, work: impl FnOnce(&mut Told)) {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Fields that are kept, and bytes of a name or a value.
const MOST_FIELDS: usize = 128;
const LONGEST: usize = 4 << 10;

/// A stranger's form must not fill the memory.
fn bounded(fields: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    fields.take(MOST_FIELDS).map(|(name, value)| (cut(name), cut(value))).collect()
}

fn cut(mut text: String) -> String {
    let end = (0..=LONGEST.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
    text
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
        let fields = (0..1000).map(|n| (n.to_string(), "é".repeat(LONGEST)));
        supplement.set_form(fields.clone());
        supplement.set_files(fields);
        let mut details = RequestDetails::default();
        supplement.add_to(&mut details);
        for fields in [details.form, details.files] {
            assert_eq!((fields.len(), fields[0].1.len(), &*fields[127].0), (MOST_FIELDS, LONGEST, "127"));
        }
        let crooked = "x".to_owned() + &"é".repeat(LONGEST);
        assert_eq!(cut(crooked).len(), LONGEST - 1, "a character stays whole");
    }
}
