//! Numbers with a type, such as `VisibilityTimeout::new(180)`. A mistake moves one across its relations: to the end of its
//! type's range, on each side on which a relation bounds numbers of this type.

use std::collections::BTreeSet;

use function_contract::setting::Minutes;
use infra_core::{check::relations, model::limits::*};
use syn::{BinOp, Expr, ExprCall, Lit};

/// The relations that DOFS adds in `infra-gen/src/config/relations.rs`: the types of the numbers that must not be too
/// low, and of those that must not be too high.
const OWN: [(&[&str], &[&str]); 3] = [
    (&["Minutes"], &["MaxReceiveCount", "VisibilityTimeout"]),
    (&["Minutes"], &["Schedule"]),
    (&["MaximumConcurrency", "BatchSize"], &["RateLimit"]),
];

macro_rules! ranges {
    ($($name:ident),*) => {
        [$((stringify!($name), *$name::RANGE.start() as u64, *$name::RANGE.end() as u64)),*]
    };
}

/// The ranges of the types that relations bound.
const RANGES: [(&str, u64, u64); 18] = ranges![
    BatchSize,
    BatchWindow,
    BurstLimit,
    CallerRate,
    DailyQuota,
    EvaluationPeriods,
    FunctionTimeout,
    MaxAttempts,
    MaxDelay,
    MaxReceiveCount,
    MaximumConcurrency,
    MessageRetention,
    RateLimit,
    ReservedConcurrency,
    RetryInterval,
    StateTimeout,
    VisibilityTimeout,
    WaitSeconds
];

/// The same for types with another constructor.
const OTHERS: [(&str, &str, &str); 7] = [
    ("Count", "0", "4294967295"),
    ("Milliseconds", "0", "4294967295"),
    ("Minutes", "1", "10080"),
    ("Period", "60", "86400"),
    ("Schedule", "1", "1440"),
    ("Seconds", "0", "4294967295"),
    ("Share", "0.0", "0.99"),
];

/// The end of the type's range on each side on which a relation bounds it, with the name of the side.
pub(super) fn ends(of: &str) -> Vec<(&'static str, String)> {
    let rows = relations::ALL.iter().map(|it| (it.low, it.high)).chain(OWN);
    let (mut low, mut high) = (false, false);
    for (lows, highs) in rows {
        low |= lows.contains(&of);
        high |= highs.contains(&of);
    }
    let range = range(of);
    let ends = [(low, "too low", range.as_ref().map(|it| it.0.clone()))];
    let ends = ends.into_iter().chain([(high, "too high", range.map(|it| it.1))]);
    ends.filter_map(|(is_bounded, side, end)| Some((side, end.filter(|_| is_bounded)?))).collect()
}

fn range(of: &str) -> Option<(String, String)> {
    let limits = RANGES.iter().find(|it| it.0 == of);
    let limits = limits.map(|(_, low, high)| (low.to_string(), high.to_string()));
    let others = OTHERS.iter().find(|it| it.0 == of);
    limits.or_else(|| others.map(|(_, low, high)| ((*low).to_owned(), (*high).to_owned())))
}

/// The type of a number, if a call only wraps a number into it: `Period` for `Period::seconds(15 * 60)`.
pub(super) fn wrapped(call: &ExprCall) -> Option<String> {
    let Expr::Path(path) = &*call.func else { return None };
    let is_type = |it: &syn::PathSegment| it.ident.to_string().starts_with(char::is_uppercase);
    let of = path.path.segments.iter().rev().take(2).find(|it| is_type(it))?.ident.to_string();
    let is_wrapper = !matches!(of.as_str(), "Some" | "Ok" | "Duration" | "Expr");
    (is_wrapper && call.args.len() == 1 && is_number(&call.args[0])).then_some(of)
}

/// Whether an expression has only literal numbers.
fn is_number(it: &Expr) -> bool {
    match it {
        Expr::Lit(it) => matches!(it.lit, Lit::Int(_) | Lit::Float(_)),
        Expr::Binary(it) => {
            matches!(it.op, BinOp::Mul(_)) && is_number(&it.left) && is_number(&it.right)
        }
        _ => false,
    }
}

/// Whether an expression is a number of one of these types: wrapped, or a constant of the type.
pub(super) fn is_of(
    it: &Expr,
    types: &BTreeSet<String>,
    constant: impl Fn(&str) -> Option<String>,
) -> bool {
    match it {
        Expr::Call(call) if call.args.len() == 1 => {
            wrapped(call).is_some() || is_of(&call.args[0], types, constant)
        }
        Expr::Path(path) => {
            let name = path.path.get_ident().and_then(|it| constant(&it.to_string()));
            name.is_some_and(|it| types.contains(&it))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without a range, a number would never be moved.
    #[test]
    fn each_type_that_a_relation_bounds_has_a_range() {
        let rows = relations::ALL.iter().map(|it| (it.low, it.high)).chain(OWN);
        for (low, high) in rows {
            for of in low.iter().chain(high) {
                assert!(range(of).is_some(), "{of}");
                assert!(!ends(of).is_empty(), "{of}");
            }
        }
        let _ = (Minutes::new(1), Minutes::new(10_080));
    }

    #[test]
    fn a_number_moves_to_the_sides_that_relations_bound() {
        assert_eq!(
            ends("BatchSize"),
            [("too low", "1".to_owned()), ("too high", "10000".to_owned())]
        );
        assert_eq!(ends("WaitSeconds"), [("too high", "99999999".to_owned())]);
        assert_eq!(ends("MemoryMb"), []);
    }

    #[test]
    fn a_call_that_wraps_a_number() {
        fn check(text: &str, of: Option<&str>) {
            let call: ExprCall = syn::parse_str(text).unwrap();
            assert_eq!(wrapped(&call).as_deref(), of, "{text}");
        }
        check("Period::seconds(15 * 60)", Some("Period"));
        check("limits::Period::seconds(60)", Some("Period"));
        check("Count(0)", Some("Count"));
        check("Period::seconds(of)", None);
        check("Expr::literal(0)", None);
        check("Some(1)", None);
    }
}
