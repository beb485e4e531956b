//! What each request of the chain does, decided by its number alone.

use test_support::random::Random;

/// What happens to one request of the chain. The end's requests are the attempts of the middle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Plan {
    /// The statuses of the end's responses. The middle tries again after a 500.
    attempts: [u16; 2],
    /// How many lines the front logs.
    pub(super) lines: usize,
    /// Whether the middle's statement fails.
    pub(super) breaks_statement: bool,
}

/// What a request and its own items are, below their parents of the same process.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Expected {
    pub(super) code: u16,
    pub(super) calls: usize,
    pub(super) lines: usize,
    pub(super) exceptions: usize,
}

pub(super) const ROLES: [&str; 3] = ["front", "middle", "end"];

impl Plan {
    pub(super) fn of(number: u64) -> Self {
        let mut random = Random::new(number.wrapping_mul(0x9e37_79b9) + 1);
        let mut status = || *random.pick(&[200, 200, 200, 200, 200, 404, 500, 500]);
        let attempts = [status(), status()];
        Self { attempts, lines: random.below(4), breaks_statement: random.below(20) == 0 }
    }

    pub(super) fn end_status(&self, attempt: usize) -> u16 {
        self.attempts[attempt]
    }

    fn tries(&self) -> usize {
        if self.attempts[0] == 500 { 2 } else { 1 }
    }

    pub(super) fn middle_status(&self) -> u16 {
        match self.attempts[self.tries() - 1] {
            500 => 502,
            _ if self.breaks_statement => 500,
            other => other,
        }
    }

    fn front_status(&self) -> u16 {
        if self.middle_status() >= 500 { 502 } else { self.middle_status() }
    }

    /// The requests of a role, in the order in which they happen.
    pub(super) fn expected(&self, role: &str) -> Vec<Expected> {
        let failed = |code: u16| usize::from(code >= 500);
        match role {
            "front" => {
                let code = self.front_status();
                vec![Expected { code, calls: 1, lines: self.lines, exceptions: failed(code) }]
            }
            "middle" => {
                let code = self.middle_status();
                vec![Expected { code, calls: self.tries() + 1, lines: 1, exceptions: failed(code) }]
            }
            _ => self.attempts[..self.tries()]
                .iter()
                .map(|code| Expected { code: *code, calls: 0, lines: 1, exceptions: failed(*code) })
                .collect(),
        }
    }
}
