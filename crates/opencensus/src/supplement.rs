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

    pub(crate) fn set_form(&self, form: Vec<(String, String)>) {
        self.with(|told| told.form = form);
    }

    pub(crate) fn set_files(&self, files: Vec<(String, String)>) {
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

/// Nothing of what it holds.
impl fmt::Debug for Supplement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Supplement")
    }
}
