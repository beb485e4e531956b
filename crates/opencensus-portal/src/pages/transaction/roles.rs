//! The colours of roles, which are always beside their names.

use crate::store::Outline;

/// The number of colours. Further roles begin again with the first.
const COLOURS: usize = 8;
const CLASSES: [&str; COLOURS] = ["role0", "role1", "role2", "role3", "role4", "role5", "role6", "role7"];

/// The roles of a transaction, in the order of the tree.
#[derive(Debug, Default)]
pub(super) struct Roles<'a>(Vec<&'a str>);

impl<'a> Roles<'a> {
    pub(super) fn new(items: impl Iterator<Item = &'a Outline>) -> Self {
        let mut roles: Vec<&str> = Vec::new();
        for role in items.filter_map(|item| item.role.as_deref()).filter(|role| !role.is_empty()) {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        Self(roles)
    }

    pub(super) fn names(&self) -> &[&'a str] {
        &self.0
    }

    /// The class that colours a role.
    pub(super) fn class(&self, role: Option<&str>) -> &'static str {
        let at = self.0.iter().position(|other| Some(*other) == role);
        at.map_or("role-none", |at| CLASSES[at % COLOURS])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_order_of_roles_and_are_bounded() {
        let roles: Vec<_> = (0..10).map(|at| format!("role {at}")).collect();
        let of = |role: &String| Outline { role: Some(role.clone()), ..Outline::default() };
        let items: Vec<_> = roles.iter().chain(&roles).map(of).collect();
        let found = Roles::new(items.iter());
        assert_eq!(found.names(), roles);
        let classes = [Some("role 0"), Some("role 7"), Some("role 8"), Some("\"x"), None].map(|role| found.class(role));
        assert_eq!(classes, ["role0", "role7", "role0", "role-none", "role-none"]);
    }
}
