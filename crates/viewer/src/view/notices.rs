//! Sentences about values that were clamped or ignored.

/// Sentences for the user, at most [`MOST`]: the text of a link comes from anybody.
#[derive(Debug, Default)]
pub(super) struct Notices {
    sentences: Vec<String>,
    more: usize,
}

/// Most sentences that are kept.
const MOST: usize = 8;

/// Most characters of a quoted value.
const MOST_QUOTED: usize = 40;

impl Notices {
    pub fn add(&mut self, sentence: String) {
        if self.sentences.len() < MOST {
            self.sentences.push(sentence);
        } else {
            self.more += 1;
        }
    }

    /// Adds a sentence: the setting `what` was given `value` and must be `expected`.
    pub fn ignored(&mut self, what: &str, value: &str, expected: &str) {
        self.add(format!("Ignored {} {}: it must be {expected}.", short(what), quoted(value)));
    }

    pub fn into_sentences(mut self) -> Vec<String> {
        if self.more > 0 {
            self.sentences.push(format!("{} more values were ignored.", self.more));
        }
        self.sentences
    }
}

/// A value in quotes, cut to [`MOST_QUOTED`] characters.
pub(super) fn quoted(value: &str) -> String {
    format!("“{}”", short(value))
}

fn short(value: &str) -> String {
    let mut text: String = value.chars().take(MOST_QUOTED).filter(|c| !c.is_control()).collect();
    if value.chars().nth(MOST_QUOTED).is_some() {
        text.push('…');
    }
    text
}
