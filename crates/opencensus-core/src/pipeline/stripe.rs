//! Spreads what many threads write over cache lines.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The fewest and the most stripes. More would make reading them slow.
const STRIPES: (usize, usize) = (4, 64);

thread_local! {
    static STRIPE: Cell<usize> = const { Cell::new(UNKNOWN) };
}

const UNKNOWN: usize = usize::MAX;

/// One value a stripe. A thread always uses the same stripe, which it shares with few threads or none.
///
/// A line that two cores write in turn moves between them, which takes longer than all else that a queue does.
#[derive(Debug)]
pub(crate) struct Striped<T>(Box<[T]>);

/// A value on cache lines of its own: two of 64 bytes, because processors fetch lines in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(pub(crate) T);

impl<T> Striped<T> {
    pub(crate) fn new(make: impl FnMut() -> T) -> Self {
        Self(std::iter::repeat_with(make).take(stripes()).collect())
    }

    /// The value of this thread.
    #[inline]
    pub(crate) fn of_thread(&self) -> &T {
        // A thread without a number fails the check of the bounds, so the usual one needs no other check.
        match self.0.get(STRIPE.get()) {
            Some(value) => value,
            None => self.of_new_thread(),
        }
    }

    #[cold]
    #[inline(never)]
    fn of_new_thread(&self) -> &T {
        &self.0[assign()]
    }

    pub(crate) fn get(&self, stripe: usize) -> &T {
        &self.0[stripe]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<T: Default> Default for Striped<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

/// Twice as many as cores, so that two busy threads rarely share one.
fn stripes() -> usize {
    static STRIPE_COUNT: OnceLock<usize> = OnceLock::new();
    *STRIPE_COUNT.get_or_init(|| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        (2 * cores).next_power_of_two().clamp(STRIPES.0, STRIPES.1)
    })
}

/// Numbers this thread: threads take turns as they come.
fn assign() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let stripe = NEXT.fetch_add(1, Ordering::Relaxed) % stripes();
    STRIPE.set(stripe);
    stripe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_keeps_its_stripe_and_the_next_threads_get_others() {
        let striped = Striped::<Padded<u8>>::default();
        let place = |striped: &Striped<Padded<u8>>| std::ptr::from_ref(striped.of_thread()).addr();
        assert_eq!(place(&striped), place(&striped));
        let mut places: Vec<_> = (0..64 * striped.len())
            .map(|_| std::thread::scope(|scope| scope.spawn(|| place(&striped)).join().unwrap()))
            .collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), striped.len());
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 128));
    }
}
