//! The table of a part's bounds: a line for each bound, and one line for equal bounds of several subjects.

use std::fmt::Write as _;

use crate::bench::report::{Bound, Sense};

/// Writes the bounds as a table.
pub(super) fn write(page: &mut String, bounds: &[Bound]) {
    page.push_str("| asked | measured | bound | |\n|---|---:|---:|---|\n");
    for alike in groups(bounds) {
        let Some(worst) = alike.iter().copied().reduce(worse) else { continue };
        let what = match alike.len() {
            1 => worst.what.clone(),
            count => format!("{}, the worst of {count}", worst.what),
        };
        let _ = writeln!(
            page,
            "| {what} | {} | {} | {} |",
            worst.unit.tell(worst.value),
            super::limit(worst),
            super::verdict(worst)
        );
    }
}

/// Groups equal bounds of several subjects: `validator: the zip` and `order_storage: the zip`.
fn groups(bounds: &[Bound]) -> Vec<Vec<&Bound>> {
    let asked = |it: &Bound| it.what.split_once(": ").map_or(it.what.clone(), |it| it.1.to_owned());
    let mut groups: Vec<Vec<&Bound>> = Vec::new();
    for bound in bounds {
        let alike = |it: &&mut Vec<&Bound>| {
            let first = it[0];
            asked(first) == asked(bound) && (first.sense, first.limit) == (bound.sense, bound.limit)
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(bound),
            None => groups.push(vec![bound]),
        }
    }
    groups
}

/// Returns the bound that is nearer to its limit, or farther beyond it.
fn worse<'a>(one: &'a Bound, other: &'a Bound) -> &'a Bound {
    let first = match one.sense {
        Sense::AtLeast => one.value <= other.value,
        Sense::AtMost => one.value >= other.value,
    };
    if first { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::Unit;

    #[test]
    fn equal_bounds_of_several_subjects_share_a_line() {
        let bounds = [
            Bound::at_least("a: the ratio", 30.0, 12.0, Unit::Times),
            Bound::at_least("b: the ratio", 11.0, 12.0, Unit::Times),
            Bound::at_most("a: the zip", 2e6, 5e6, Unit::Bytes),
            Bound::at_most("b: the zip", 3e6, 5e6, Unit::Bytes),
            Bound::at_most("b: the zip", 3e6, 4e6, Unit::Bytes),
        ];
        let mut page = String::new();
        write(&mut page, &bounds);
        let lines: Vec<&str> = page.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| b: the ratio, the worst of 2 | 11 x | ≥ 12 x | falls short |",
                "| b: the zip, the worst of 2 | 3 MB | ≤ 5 MB | pass |",
                "| b: the zip | 3 MB | ≤ 4 MB | pass |",
            ]
        );
    }
}
