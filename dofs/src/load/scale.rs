//! Scales of charts, with marks at round numbers. It has no side effects.

use serde::Serialize;

/// A mark on a scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Tick {
    /// Its position in pixels.
    pub(super) at: f64,
    /// Its label.
    pub(super) says: String,
}

/// A point in a chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Point {
    /// Pixels from the left.
    pub(super) x: f64,
    /// Pixels from the top.
    pub(super) y: f64,
    /// Its CSS class.
    pub(super) class: String,
    /// Its tooltip.
    pub(super) says: String,
}

/// A scale from zero.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    end: f64,
    pixels: f64,
    /// Its marks.
    pub(super) ticks: Vec<Tick>,
}

impl Scale {
    /// Returns the position of a value, in pixels.
    pub(super) fn place(&self, value: f64) -> f64 {
        value / self.end * self.pixels
    }
}

/// Returns a scale from 0 to at least `most`, with up to six marks at round numbers.
pub(super) fn nice(most: f64, pixels: f64, says: impl Fn(f64) -> String) -> Scale {
    let most = if most > 0.0 { most } else { 1.0 };
    let power = 10_f64.powf((most / 5.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|it| it * power);
    let step = steps.into_iter().find(|it| it * 5.0 >= most).unwrap_or(most);
    let marks = (most / step).ceil().max(1.0);
    let end = step * marks;
    let tick = |at: u32| {
        let value = step * f64::from(at);
        // Remove the rounding error of floats behind the last digit of a step.
        let value = (value / power).round() * power;
        let value = (value * 1e6).round() / 1e6;
        Tick { at: value / end * pixels, says: says(value) }
    };
    // There are at most six marks, so the cast is exact.
    Scale { end, pixels, ticks: (0..=marks as u32).map(tick).collect() }
}

/// Returns at most `most` of the items, evenly chosen.
pub(super) fn thinned<T: Clone>(all: &[T], most: usize) -> Vec<T> {
    let each = all.len().div_ceil(most.max(1)).max(1);
    all.iter().step_by(each).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_round_marks() {
        fn check(most: f64, expected: &[&str]) {
            let scale = nice(most, 100.0, |it| it.to_string());
            let says: Vec<_> = scale.ticks.iter().map(|it| it.says.as_str()).collect();
            assert_eq!(says, expected, "{most}");
            assert!(scale.place(most) <= 100.0 + 1e-9 && scale.place(0.0) == 0.0);
        }
        check(0.0, &["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        check(5.98, &["0", "2", "4", "6"]);
        check(317.0, &["0", "100", "200", "300", "400"]);
        check(1_000.0, &["0", "200", "400", "600", "800", "1000"]);
    }

    #[test]
    fn many_are_thinned() {
        fn check(all: usize, most: usize, expected: usize) {
            assert_eq!(thinned(&vec![(); all], most).len(), expected);
        }
        check(0, 10, 0);
        check(10, 10, 10);
        check(11, 10, 6);
        check(100, 10, 10);
    }
}
