//! docs/benchmarks.md, from what the parts of the benchmark measured.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A figure that has a bar to meet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bar {
    /// What was measured.
    pub figure: String,
    /// What it has to be.
    #[serde(rename = "bar")]
    pub must: String,
    /// What it is.
    pub measured: String,
    /// `None`: it could not be measured, and `measured` says why.
    pub met: Option<bool>,
}

impl Bar {
    /// In a word.
    pub fn verdict(&self) -> &'static str {
        match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "not measured",
        }
    }
}

/// Figures without a bar.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    caption: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// What one part hands over; `benches/section.js` is its other side.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Paragraphs before the tables.
    pub how: Vec<String>,
    /// Its rows in the table of bars.
    pub bars: Vec<Bar>,
    /// The rest.
    pub tables: Vec<Table>,
    /// Paragraphs after them.
    pub notes: Vec<String>,
}

impl Section {
    /// Both under this one's heading.
    pub fn and(mut self, other: Section) -> Section {
        self.how.extend(other.how);
        self.bars.extend(other.bars);
        self.tables.extend(other.tables);
        self.notes.extend(other.notes);
        self
    }
}

/// A section, and when and how it came about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// What makes it again.
    pub command: String,
    /// Day.
    pub date: String,
    /// The commit that was built.
    pub revision: String,
    /// How long it took.
    pub seconds: f64,
    /// Load average when it began: other work on the machine.
    pub load: Option<f64>,
    /// Its figures.
    pub section: Section,
}

impl Measured {
    /// What an earlier run left; `None` where there is nothing, or nothing that this version wrote.
    pub fn read(path: &Path) -> Option<Measured> {
        serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
    }
}

/// The whole report. `machine` is lines of a list.
pub fn render(machine: &[String], parts: &[Measured]) -> String {
    let mut text = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`, which measures all of it; `cargo xtask bench PART…` measures parts again \
         and leaves the others as they were. Change no figure by hand.\n\n",
    );
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str(
        "\nTimes are medians, with the middle half of the measurements in parentheses. A machine that others work on, too, and a \
         browser that draws in software on the same cores, make times longer and scatter them: ratios within one run say more.\n\n",
    );
    let rows = parts.iter().flat_map(|part| &part.section.bars).map(|bar| {
        let verdict =
            if bar.met == Some(true) { bar.verdict().to_owned() } else { format!("**{}**", bar.verdict()) };
        vec![bar.figure.clone(), bar.must.clone(), bar.measured.clone(), verdict]
    });
    text.push_str("## Bars\n\n");
    table(&mut text, &["figure", "bar", "measured", ""].map(str::to_owned), rows);
    for part in parts {
        let Measured { command, date, revision, seconds, load, section } = part;
        let _ = writeln!(text, "\n## {}\n", section.title);
        let load = load.map_or_else(String::new, |load| format!(", load average before it {load:.1}"));
        let _ = writeln!(text, "`{command}`, {date}, at {revision}; it took {seconds:.0} s{load}.");
        for paragraph in &section.how {
            let _ = writeln!(text, "\n{paragraph}");
        }
        for Table { caption, head, rows } in &section.tables {
            let _ = writeln!(text, "\n**{caption}**\n");
            table(&mut text, head, rows.iter().cloned());
        }
        for paragraph in &section.notes {
            let _ = writeln!(text, "\n{paragraph}");
        }
    }
    text
}

fn table(text: &mut String, head: &[String], rows: impl Iterator<Item = Vec<String>>) {
    let mut line = |cells: &[String]| {
        // A bar within a cell would end it.
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    };
    line(head);
    line(&vec!["---".to_owned(); head.len()]);
    rows.for_each(|row| line(&row));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_says_whether_it_was_met() {
        let bar = |met| Bar { figure: "a|b".into(), must: "≤ 1".into(), measured: "2".into(), met };
        let section = Section {
            title: "Title".into(),
            how: vec!["How.".into()],
            bars: vec![bar(Some(true)), bar(Some(false)), bar(None)],
            tables: vec![],
            notes: vec![],
        };
        let part = Measured {
            command: "cargo xtask bench x".into(),
            date: "2020-01-01".into(),
            revision: "abc".into(),
            seconds: 1.0,
            load: None,
            section,
        };
        let text = render(&["a machine".into()], &[part]);
        let row = |verdict: &str| format!("| a\\|b | ≤ 1 | 2 | {verdict} |");
        for verdict in ["met", "**MISSED**", "**not measured**"] {
            assert!(text.contains(&row(verdict)), "{text}");
        }
        assert!(
            text.contains("- a machine\n") && text.contains("## Title\n\n`cargo xtask bench x`, 2020-01-01")
        );
    }
}
