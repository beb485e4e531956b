//! Refuses some items of a post.

/// Refuses every `every`-th item of a post, with this status. The middleware adds it to the request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) every: u32,
    pub(crate) status: u16,
}

impl Refusal {
    /// Whether it applies to the item with this index.
    pub(crate) fn applies_to(self, index: usize) -> bool {
        (index + 1).is_multiple_of(self.every.max(1) as usize)
    }

    /// The message of a refused item.
    pub(crate) fn message(self) -> String {
        match self.status {
            206 => "Telemetry sampled out.".to_owned(),
            status => format!("fault: the portal refuses every item number {} with {status}", self.every),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_third_item_is_refused() {
        let refusal = Refusal { every: 3, status: 500 };
        let refused: Vec<_> = (0..7).filter(|index| refusal.applies_to(*index)).collect();
        assert_eq!(refused, [2, 5]);
        assert!((0..3).all(|index| Refusal { every: 1, status: 500 }.applies_to(index)));
    }
}
