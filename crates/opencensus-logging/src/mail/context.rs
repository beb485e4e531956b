//! State that all mail handlers of a logging system share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::mail::outboxes::Outboxes;
use crate::mail::{MailSettings, SharedBackend};

/// Settings and backends for the mail handlers that configurations create.
pub(crate) struct MailContext {
    settings: RwLock<Arc<MailSettings>>,
    custom_backends: BTreeMap<String, SharedBackend>,
    pub(super) outboxes: Arc<Outboxes>,
    // Read for each request.
    mails_reports: AtomicBool,
}

impl MailContext {
    pub(crate) fn new(settings: MailSettings, custom_backends: BTreeMap<String, SharedBackend>) -> Self {
        let context = Self {
            settings: RwLock::default(),
            custom_backends,
            outboxes: Arc::default(),
            mails_reports: AtomicBool::new(false),
        };
        context.set_settings(settings);
        context
    }

    pub(crate) fn settings(&self) -> Arc<MailSettings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the settings, for handlers that are created from now on.
    pub(crate) fn set_settings(&self, settings: MailSettings) {
        let mails_reports = settings.has_recipients() || !self.custom_backends.is_empty();
        self.mails_reports.store(mails_reports, Ordering::Relaxed);
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Whether reports of requests may be mailed.
    pub(crate) fn mails_reports(&self) -> bool {
        self.mails_reports.load(Ordering::Relaxed)
    }

    pub(crate) fn custom_backend(&self, name: &str) -> Option<SharedBackend> {
        self.custom_backends.get(name).cloned()
    }
}
