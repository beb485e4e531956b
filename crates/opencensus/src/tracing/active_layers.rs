//! The layers that send events, so that a logging handler of the same pipeline does not send them a second time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use opencensus_core::WeakPipeline;

use crate::tracing::options::Options;

struct ActiveLayer {
    pipeline: WeakPipeline,
    // Dead once the layer is dropped.
    options: Weak<Options>,
}

static LAYERS: RwLock<Vec<ActiveLayer>> = RwLock::new(Vec::new());

/// Whether a layer was ever active. Without one, log records are sent without the lock.
static HAS_LAYERS: AtomicBool = AtomicBool::new(false);

/// Registers a layer of a subscriber.
pub(super) fn add(pipeline: &WeakPipeline, options: &Arc<Options>) {
    let mut layers = LAYERS.write().unwrap_or_else(PoisonError::into_inner);
    layers.retain(|layer| layer.options.strong_count() > 0);
    layers.push(ActiveLayer { pipeline: pipeline.clone(), options: Arc::downgrade(options) });
    HAS_LAYERS.store(true, Ordering::Release);
}

/// Whether a layer sends events of this target and level to this pipeline.
pub(crate) fn takes_event(pipeline: &WeakPipeline, target: &str, level: tracing::Level) -> bool {
    let takes = |layer: &ActiveLayer| {
        let options = layer.options.upgrade().filter(|_| layer.pipeline.is_same(pipeline));
        options.is_some_and(|options| options.takes_event(target, level))
    };
    HAS_LAYERS.load(Ordering::Acquire) && LAYERS.read().unwrap_or_else(PoisonError::into_inner).iter().any(takes)
}
