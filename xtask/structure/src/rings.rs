//! Rings of modules: modules of a crate of which each needs the next one, and the last the first.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use anyhow::Result;

use crate::crates::ARCHITECTURE;
use crate::modules::{Kind, Modules, Read};
use crate::resolve::Target;
use crate::workspace::Workspace;

/// Rings in every crate of the workspace.
pub fn problems(workspace: &Workspace, read: Read) -> Result<Vec<String>> {
    let roots = workspace.crates.iter().flat_map(|one| &one.roots);
    Ok(roots.map(|root| rings(root, read)).collect::<Result<Vec<_>>>()?.concat())
}

/// Rings in the crate that begins in a file, each as text with one way around it.
pub fn rings(root: &Path, read: Read) -> Result<Vec<String>> {
    let modules = Modules::parse(root, read)?;
    let mut rings = Vec::new();
    for (parent, edges) in levels(&modules) {
        let graph = Graph { edges: &edges };
        for knot in graph.knots() {
            rings.push(describe(&modules, parent, &graph, &knot));
        }
    }
    Ok(rings)
}

/// A part of a module: one of its children with everything below it, or what the module itself defines.
type Part = usize;

/// An example of one part's use of another: the module that names, and the mention's place in it.
type Edges = BTreeMap<(Part, Part), (usize, usize)>;

/// For each module, which of its parts use which. A use is counted once, in the innermost module that has both ends: there
/// it is between two children, or between a child and the module itself.
fn levels(modules: &Modules) -> BTreeMap<usize, Edges> {
    let mut levels: BTreeMap<usize, Edges> = BTreeMap::new();
    for (from, module) in modules.all.iter().enumerate() {
        for (place, mention) in module.mentions.iter().enumerate() {
            for target in modules.resolve(from, &mention.path) {
                let Target::ItemOf(to) = target else { continue };
                let (mine, theirs) = (line(modules, from), line(modules, to));
                let shared = mine.iter().zip(&theirs).take_while(|(one, other)| one == other).count();
                // Who re-exports what is below only hands it on; code that uses the name is another mention.
                let hands_on = mention.kind == Kind::Export && shared == mine.len();
                if from == to || hands_on {
                    continue;
                }
                let parent = mine[shared - 1];
                let part = |line: &[usize]| line.get(shared).copied().unwrap_or(parent);
                let edges = levels.entry(parent).or_default();
                edges.entry((part(&mine), part(&theirs))).or_insert((from, place));
            }
        }
    }
    levels
}

/// A module's ancestors from the root on, and itself.
fn line(modules: &Modules, module: usize) -> Vec<usize> {
    let mut line: Vec<usize> =
        std::iter::successors(Some(module), |module| modules.all[*module].parent).collect();
    line.reverse();
    line
}

struct Graph<'a> {
    edges: &'a Edges,
}

impl Graph<'_> {
    fn next(&self, from: Part) -> impl Iterator<Item = Part> {
        self.edges.range((from, 0)..=(from, usize::MAX)).map(|((_, to), _)| *to)
    }

    /// The shortest way from a part back to itself.
    fn ring(&self, start: Part) -> Option<Vec<Part>> {
        let mut came: BTreeMap<Part, Part> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(part) = queue.pop_front() {
            for next in self.next(part) {
                if next == start {
                    let back = std::iter::successors(Some(part), |part| came.get(part).copied());
                    let mut ring: Vec<Part> = back.collect();
                    ring.reverse();
                    return Some(ring);
                }
                if let Entry::Vacant(first) = came.entry(next) {
                    first.insert(part);
                    queue.push_back(next);
                }
            }
        }
        None
    }

    fn reach(&self, start: Part) -> BTreeSet<Part> {
        let mut reach = BTreeSet::new();
        let mut left = vec![start];
        while let Some(part) = left.pop() {
            left.extend(self.next(part).filter(|next| reach.insert(*next)));
        }
        reach
    }

    /// Parts that reach each other, in groups of two and more.
    fn knots(&self) -> Vec<BTreeSet<Part>> {
        let reaches: BTreeMap<Part, BTreeSet<Part>> =
            self.edges.keys().map(|(from, _)| (*from, self.reach(*from))).collect();
        let mut knots: Vec<BTreeSet<Part>> = Vec::new();
        for (part, reach) in &reaches {
            if !reach.contains(part) || knots.iter().any(|knot| knot.contains(part)) {
                continue;
            }
            let back = |other: &&Part| reaches.get(other).is_some_and(|reach| reach.contains(part));
            knots.push(reach.iter().filter(back).copied().collect());
        }
        knots
    }
}

/// A knot as a person reads it: who is in it, and its shortest ring with a line of code for each step.
fn describe(modules: &Modules, parent: usize, graph: &Graph, knot: &BTreeSet<Part>) -> String {
    let name = |part: Part| {
        let path = &modules.all[part].path;
        if part == parent { format!("`{path}` itself") } else { format!("`{path}`") }
    };
    let members: Vec<String> = knot.iter().map(|part| name(*part)).collect();
    let ring = knot.iter().filter_map(|part| graph.ring(*part)).min_by_key(Vec::len).unwrap_or_default();
    let steps = ring.iter().zip(ring.iter().cycle().skip(1)).map(|(from, to)| {
        let (module, place) = graph.edges[&(*from, *to)];
        let (module, mention) = (&modules.all[module], &modules.all[module].mentions[place]);
        let (file, line) = (module.file.display(), mention.line);
        format!("  {} uses {}: {file}:{line} names `{}`\n", name(*from), name(*to), mention.path.join("::"))
    });
    format!(
        "Modules import each other in a ring: {}.\n{}  Move what both need into a module below them, or pass it as a value; \
         {ARCHITECTURE} has the rule.",
        members.join(", "),
        steps.collect::<String>()
    )
}

#[cfg(test)]
mod tests;
