//! Shortens texts: names of a file may have any length.

/// Most characters of a line.
const MOST: usize = 2000;

/// A line whose middle is left out where it is long: a message begins with what is wrong and ends with the location.
pub fn line(text: &str) -> String {
    let letters = text.chars().count();
    if letters <= MOST {
        return text.to_owned();
    }
    let at = |letter: usize| text.char_indices().nth(letter).map_or(text.len(), |(at, _)| at);
    let [head, tail] = [at(MOST * 3 / 4), at(letters - MOST / 4)];
    format!("{} … ({} more letters) … {}", &text[..head], letters - MOST, &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_keeps_its_ends() {
        assert_eq!(line("a short one"), "a short one");
        let long = line(&format!("Field {} is wrong: /data/a.zarr", "é".repeat(1_000_000)));
        assert!(long.starts_with("Field é") && long.ends_with("is wrong: /data/a.zarr"), "{long}");
        assert!(long.contains("998") && long.chars().count() < MOST + 50, "{long}");
    }
}
