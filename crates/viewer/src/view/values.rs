//! Reading values of a patch: numbers within their ranges, and texts for notices.

use std::ops::RangeInclusive;

use replayscope_json::number::clamp;
use replayscope_json::{Json, number};

use crate::view::notices::Notices;

/// The entries of a patch that are not null; JavaScript's undefined is read as null.
pub(super) fn non_null(patch: &[(String, Json)]) -> impl Iterator<Item = (&str, &Json)> {
    patch.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.as_str(), value))
}

pub(super) fn set_finite(target: &mut f64, what: &str, value: &Json, notices: &mut Notices) {
    match value.as_f64().filter(|number| number.is_finite()) {
        Some(number) => *target = number,
        None => notices.ignored(what, &text(value), "a finite number"),
    }
}

pub(super) fn set_within(
    target: &mut f64,
    what: &str,
    value: &Json,
    range: &RangeInclusive<f64>,
    notices: &mut Notices,
) {
    let Some(given) = value.as_f64().filter(|number| !number.is_nan()) else {
        return notices.ignored(what, &text(value), "a number");
    };
    *target = clamp(given, *range.start(), *range.end());
    if !range.contains(&given) {
        let [set, given] = [*target, given].map(number::text);
        notices.add(format!("Set {what} to {set}, the allowed value nearest to {given}."));
    }
}

/// A value as text: a string as it is, any other as JSON.
pub(super) fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.brief(), str::to_owned)
}
