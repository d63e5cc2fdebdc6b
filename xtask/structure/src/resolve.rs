//! Which module defines what a path names, through imports and re-exports.

use std::collections::HashSet;

use crate::modules::{Modules, Name};

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A module itself.
    Module(usize),
    /// An item that a module defines.
    ItemOf(usize),
}

impl Modules {
    /// What a path in a module names; nothing if that is no part of the crate. A name may stand for a module and for an item.
    pub fn resolve(&self, module: usize, path: &[String]) -> Vec<Target> {
        self.follow(module, path, &mut HashSet::new())
    }

    fn follow(&self, module: usize, path: &[String], seen: &mut HashSet<(usize, String)>) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let mut targets = match first.as_str() {
            "crate" => vec![Target::Module(0)],
            "self" => vec![Target::Module(module)],
            "super" => self.all[module].parent.map(Target::Module).into_iter().collect(),
            name => self.look_up(module, name, seen),
        };
        for segment in rest {
            let mut next = Vec::new();
            for target in &targets {
                match (*target, segment.as_str()) {
                    (Target::Module(module), "super") => {
                        next.extend(self.all[module].parent.map(Target::Module));
                    }
                    (Target::Module(module), name) => {
                        let found = self.look_up(module, name, seen);
                        // What is not seen there is made by a macro there, or an import of another crate's.
                        let known = self.all[module].names.contains_key(name);
                        next.extend(if found.is_empty() && !known {
                            vec![Target::ItemOf(module)]
                        } else {
                            found
                        });
                    }
                    (Target::ItemOf(_), _) => {}
                }
            }
            if next.is_empty() {
                // A variant, a constant or a function of the item.
                targets.retain(|target| matches!(target, Target::ItemOf(_)));
                return targets;
            }
            targets = next;
        }
        targets
    }

    /// What a name stands for in a module.
    fn look_up(&self, module: usize, name: &str, seen: &mut HashSet<(usize, String)>) -> Vec<Target> {
        // Two globs can import each other.
        if !seen.insert((module, name.to_owned())) {
            return Vec::new();
        }
        let mut targets = Vec::new();
        for what in self.all[module].names.get(name).into_iter().flatten() {
            match what {
                Name::Module(child) => targets.push(Target::Module(*child)),
                Name::Item => targets.push(Target::ItemOf(module)),
                Name::Import(path) => {
                    // `use name::name` looks the same name up, and means the child of that name or another crate.
                    let found = match &path[..] {
                        [first, rest @ ..] if first == name => {
                            self.import_of_same_name(module, first, rest, seen)
                        }
                        path => self.follow(module, path, seen),
                    };
                    targets.extend(found);
                }
            }
        }
        if targets.is_empty() && !self.all[module].names.contains_key(name) {
            for glob in &self.all[module].globs {
                for target in self.follow(module, glob, seen) {
                    if let Target::Module(from) = target {
                        targets.extend(self.look_up(from, name, seen));
                    }
                }
            }
        }
        seen.remove(&(module, name.to_owned()));
        targets
    }

    fn import_of_same_name(
        &self,
        module: usize,
        name: &str,
        rest: &[String],
        seen: &mut HashSet<(usize, String)>,
    ) -> Vec<Target> {
        let names = self.all[module].names.get(name).into_iter().flatten();
        let children = names.filter_map(|what| match what {
            Name::Module(child) => Some(*child),
            Name::Item | Name::Import(_) => None,
        });
        let in_child = |child| {
            if rest.is_empty() { vec![Target::Module(child)] } else { self.follow(child, rest, seen) }
        };
        children.flat_map(in_child).collect()
    }
}
