//! The user's limits, and limits that can be drawn.

use replayscope_json::number::clamp;

/// The user's limits where given, else the estimated ones. If a given limit is on the wrong side of the other's estimate, the range
/// is as wide as the estimated one.
pub fn with_user_limits(estimated: [f64; 2], given: [Option<f64>; 2]) -> [f64; 2] {
    let width = estimated[1] - estimated[0];
    match given {
        [Some(low), Some(high)] => [low, high],
        [Some(low), None] => [low, if estimated[1] > low { estimated[1] } else { low + width }],
        [None, Some(high)] => [if estimated[0] < high { estimated[0] } else { high - width }, high],
        [None, None] => estimated,
    }
}

/// The nearest finite limits that differ as float32, in order.
fn separated(limits: [f64; 2]) -> [f32; 2] {
    let most = f64::from(f32::MAX);
    let [low, high] = limits.map(|limit| clamp(limit, -most, most) as f32);
    match low {
        _ if low < high => [low, high],
        f32::MAX => [low.next_down(), low],
        _ => [low, low.next_up()],
    }
}

/// The limits unchanged where they are finite and differ as float32, else the nearest that do.
pub fn in_float32(limits: [f64; 2]) -> [f64; 2] {
    let [low, high] = limits.map(|limit| limit as f32);
    if low < high && low.is_finite() && high.is_finite() { limits } else { separated(limits).map(f64::from) }
}

/// Limits of values between two extremes: (0, 1) without values, (c − 0.5, c + 0.5) for a constant c.
pub fn of_extremes(extremes: Option<[f32; 2]>) -> [f64; 2] {
    match extremes {
        None => [0.0, 1.0],
        Some([low, high]) if low >= high => widened(low),
        Some(extremes) => extremes.map(f64::from),
    }
}

/// A range around a constant: ± 0.5, or more where float32 needs it.
fn widened(constant: f32) -> [f64; 2] {
    let constant = f64::from(constant);
    let half = (constant.abs() * 1e-6).max(0.5);
    let most = f64::from(f32::MAX);
    [(constant - half).max(-most), (constant + half).min(most)]
}
