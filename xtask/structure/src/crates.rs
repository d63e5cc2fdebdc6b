//! Which crate may use which: the table in docs/architecture.md, held to the dependencies in the Cargo.toml files.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// The document that has the table.
pub const ARCHITECTURE: &str = "docs/architecture.md";

/// The header of the table; the first table that has it counts.
const HEADER: [&str; 3] = ["crate", "holds", "may use"];

/// For each crate, by its folder, what it may use.
#[derive(Debug, PartialEq)]
pub struct Table {
    rows: BTreeMap<String, BTreeSet<String>>,
}

impl Table {
    /// From the markdown of the document. A row may name several crates; of the columns "crate" and "may use", what is in
    /// backticks counts. `crates/` in the last column means every row below it.
    pub fn parse(markdown: &str) -> Result<Table> {
        let mut lines = markdown.lines().map(cells);
        if !lines.any(|cells| cells == HEADER) {
            bail!("{ARCHITECTURE} has no table with the header `| {} |`", HEADER.join(" | "));
        }
        let mut rows = BTreeMap::new();
        // The line below the header draws the columns.
        for cells in lines.skip(1).take_while(|cells| !cells.is_empty()) {
            let [crates, _, uses] = cells[..] else {
                bail!(
                    "{ARCHITECTURE}, table of crates: a row has {} cells and not 3: {cells:?}",
                    cells.len()
                );
            };
            for row in names(crates) {
                if rows.insert(row.clone(), names(uses).collect()).is_some() {
                    bail!("{ARCHITECTURE}, table of crates: `{row}` has two rows");
                }
            }
        }
        Ok(Table { rows })
    }

    /// What a crate may use, and what that may use, and so on.
    fn reach(&self, folder: &str) -> BTreeSet<&str> {
        let mut reach: BTreeSet<&str> = BTreeSet::new();
        let mut left: Vec<&BTreeSet<String>> = self.rows.get(folder).into_iter().collect();
        while let Some(uses) = left.pop() {
            let rows = uses.iter().flat_map(|used| self.named(used));
            left.extend(rows.filter(|row| reach.insert(*row)).filter_map(|row| self.rows.get(row)));
        }
        reach
    }

    /// The rows that a name of the last column means: its own, else all of the folder.
    fn named<'a>(&'a self, used: &str) -> impl Iterator<Item = &'a str> {
        let own = self.rows.contains_key(used);
        let (used, below) = (used.to_owned(), format!("{used}/"));
        let rows =
            self.rows.keys().filter(move |row| if own { **row == used } else { row.starts_with(&below) });
        rows.map(String::as_str)
    }
}

/// The cells of a table's row, trimmed; none of any other line.
fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().strip_prefix('|').and_then(|line| line.strip_suffix('|'));
    inner.map(|inner| inner.split('|').map(str::trim).collect()).unwrap_or_default()
}

/// What is in backticks, without a `/` at its end.
fn names(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(|name| name.trim_end_matches('/').to_owned())
}

/// Where the table and the Cargo.toml files differ.
pub fn problems(table: &Table, workspace: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    let folders: BTreeSet<&str> = workspace.crates.iter().map(|one| one.folder.as_str()).collect();
    for one in &workspace.crates {
        let (folder, manifest) = (&one.folder, &one.manifest);
        let Some(row) = table.rows.get(folder) else {
            problems.push(format!(
                "`{folder}` has no row in the table of crates.\n  {manifest} makes it a crate of the workspace.\n  \
                 Add `| \\`{folder}\\` | what it holds | what it may use |` to the table in {ARCHITECTURE}."
            ));
            continue;
        };
        let reach = table.reach(folder);
        for used in &one.uses {
            let name = used.folder.as_str();
            // What tests use is free, but for what uses the crate itself: that would turn the order of the layers around.
            if reach.contains(name) || used.dev && !table.reach(name).contains(folder.as_str()) {
                continue;
            }
            let section = if used.dev { "[dev-dependencies]" } else { "[dependencies]" };
            problems.push(format!(
                "`{folder}` uses `{name}`, which the table of crates does not allow.\n  {manifest} has it in {section}; \
                 {ARCHITECTURE} allows {}.\n  Remove the dependency: move what needs it into a crate above both, or hand it \
                 over as a value or a trait of the lower crate. Only if the order of the layers is to change, change the table.",
                listed(&reach)
            ));
        }
        // A whole folder is a permission, a crate is a statement.
        for used in row.iter().filter(|used| folders.contains(used.as_str())) {
            if !one.uses.iter().any(|edge| !edge.dev && edge.folder == *used) {
                problems.push(format!(
                    "The table of crates says that `{folder}` uses `{used}`, and it does not.\n  {manifest} has no such \
                     dependency.\n  Take `{used}` out of the row of `{folder}` in {ARCHITECTURE}."
                ));
            }
        }
        for used in row.iter().filter(|used| table.named(used).next().is_none()) {
            problems.push(format!(
                "The row of `{folder}` in the table of crates names `{used}`, which has no row.\n  Give it one in \
                 {ARCHITECTURE}, or take the name out."
            ));
        }
    }
    problems
}

fn listed(reach: &BTreeSet<&str>) -> String {
    let names: Vec<String> = reach.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "no crate of the workspace".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Crate, Use};

    const TABLE: &str = "\
Text with `a/b`.

| place | what |
|---|---|
| `elsewhere/` | no table of crates |

| crate | holds | may use |
|---|---|---|
| `crates/low`, `crates/other` | bytes, see `src/` | – |
| `crates/high` | sessions | `crates/low` (its types) |
| `src/` | the page | all of `crates/` |
| `cli/` | the command line | `src/` |

| `crates/later` | another table | – |
";

    fn one(folder: &str, uses: &[(&str, bool)]) -> Crate {
        let uses = uses.iter().map(|(folder, dev)| Use { folder: (*folder).to_owned(), dev: *dev }).collect();
        Crate { folder: folder.to_owned(), manifest: format!("{folder}/Cargo.toml"), uses, roots: Vec::new() }
    }

    fn problems_of(crates: Vec<Crate>) -> Vec<String> {
        problems(&Table::parse(TABLE).unwrap(), &Workspace { crates })
    }

    #[test]
    fn what_the_table_allows_is_no_problem_transitively() {
        let crates = vec![
            one("crates/low", &[]),
            one("crates/high", &[("crates/low", false)]),
            one("src", &[("crates/high", false), ("crates/other", false)]),
            one("cli", &[("src", false), ("crates/low", false)]),
        ];
        assert_eq!(problems_of(crates), Vec::<String>::new());
    }

    #[test]
    fn an_edge_that_the_table_lacks_is_told_with_its_file() {
        let problems = problems_of(vec![one("crates/low", &[("crates/other", false)])]);
        assert_eq!(problems.len(), 1);
        for part in ["`crates/low` uses `crates/other`", "crates/low/Cargo.toml", "allows no crate"] {
            assert!(problems[0].contains(part), "{part}: {}", problems[0]);
        }
    }

    #[test]
    fn an_edge_that_the_code_lacks_is_told() {
        let problems = problems_of(vec![one("crates/low", &[]), one("crates/high", &[("crates/low", true)])]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("says that `crates/high` uses `crates/low`"), "{}", problems[0]);
    }

    #[test]
    fn tests_may_use_a_crate_beside_theirs_and_none_above() {
        let problems = problems_of(vec![one("crates/low", &[("crates/other", true), ("crates/high", true)])]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("`crates/low` uses `crates/high`"), "{}", problems[0]);
    }

    #[test]
    fn every_crate_has_a_row() {
        let problems = problems_of(vec![one("crates/new", &[])]);
        assert!(problems[0].contains("`crates/new` has no row"), "{}", problems[0]);
    }

    #[test]
    fn a_document_without_the_table_is_an_error() {
        let message = Table::parse("| crate | holds |\n|---|---|\n").unwrap_err().to_string();
        assert!(message.contains("| crate | holds | may use |"), "{message}");
        let message = Table::parse("| crate | holds | may use |\n|---|---|---|\n| `a` | b |\n").unwrap_err();
        assert!(message.to_string().contains("2 cells"), "{message}");
    }
}
