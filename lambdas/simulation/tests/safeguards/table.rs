//! A row of a table of mistakes, and its checks.

use std::{collections::BTreeSet, ops::Range};

use runtime::port::Write;
use serde_json::Value;
use simulation::{
    clause::{Clause, Violation},
    facts::Facts,
    fault::{FaultPlan, Kind, Outage, Rates},
    mistake::Mistake,
    plan::{Fault, Plan, Safeguard},
    run::run,
};

use crate::common::part_of;

/// A mistake, and the clause that it breaks.
pub(crate) struct Row {
    /// The mistake.
    pub(crate) what: &'static str,
    /// The broken clause, and a part of the message.
    pub(crate) breaks: (Clause, &'static str),
    /// The mistake in the state machine.
    pub(crate) machine: fn(&mut Value),
    /// Another mistake in the generated files.
    pub(crate) facts: fn(&mut Facts),
    /// A mistake outside of the functions.
    pub(crate) mistake: Mistake,
    /// A safeguard that is disabled.
    pub(crate) without: Option<Safeguard>,
    /// The plan of the run.
    pub(crate) plan: Plan,
    /// An unusual setting, which is used with and without the mistake.
    pub(crate) setting: fn(&mut Facts),
    /// The fault without which the mistake breaks nothing.
    pub(crate) fault: Option<Fault>,
    /// Whether neither the machine nor [`Row::mistake`] breaks the clause by itself.
    pub(crate) takes_both: bool,
}

impl Row {
    /// A mistake in a run without faults.
    pub(crate) fn new(what: &'static str, breaks: (Clause, &'static str)) -> Self {
        Row {
            what,
            breaks,
            machine: |_| (),
            facts: |_| (),
            mistake: Mistake::default(),
            without: None,
            plan: calm(),
            setting: |_| (),
            fault: None,
            takes_both: false,
        }
    }
}

/// A mistake in the writes of functions and of the machine.
pub(crate) fn writes(change: fn(&str, &mut Vec<Write>)) -> Mistake {
    Mistake { writes: Some(change), ..Mistake::default() }
}

/// A mistake in the events of functions.
pub(crate) fn events(change: fn(&str, &mut Value)) -> Mistake {
    Mistake { event: Some(change), ..Mistake::default() }
}

/// A mistake in the answers of functions.
pub(crate) fn answers(change: fn(&str, &Value, &mut Value)) -> Mistake {
    Mistake { answer: Some(change), ..Mistake::default() }
}

/// A plan with orders, some of them invalid, and a redrive. No faults.
pub(crate) fn calm() -> Plan {
    Plan { poison: 0, invalid: 300, faults: FaultPlan::random(Rates::NONE), ..Plan::stormy(0) }
}

/// A plan with only one fault, at this rate.
pub(crate) fn only(kind: Kind, rate: u16) -> Plan {
    Plan { faults: FaultPlan::random(Rates::NONE.with(kind, rate)), ..calm() }
}

/// A plan with a total outage of services for a while.
pub(crate) fn out(services: u8, when: Range<u64>) -> Plan {
    let outage = Some(Outage { services, when, share: 1_000 });
    let (rates, spared) = (Rates::NONE, BTreeSet::new());
    Plan { faults: FaultPlan::Random { rates, outage, spared }, ..calm() }
}

/// The number of seeds that must pass without the mistake, or without the fault.
const PASS: u64 = 40;

/// The number of seeds of which one must fail.
const BREAK: u64 = 400;

/// Checks that the seeds pass without the mistake, and without the fault. With both, one seed breaks the expected clause.
#[track_caller]
pub(crate) fn check(row: &Row) {
    let what = row.what;
    let mut right = Facts::of_dev().unwrap();
    (row.setting)(&mut right);
    let mut wrong = Facts::with_machine(row.machine).unwrap();
    (row.setting)(&mut wrong);
    (row.facts)(&mut wrong);
    let mistaken = Plan { mistake: row.mistake, without: row.without, ..row.plan.clone() };
    let (clause, part) = row.breaks;
    let breaks = |it: &Violation| it.clause == clause && it.what.contains(part);
    if row.takes_both {
        let alone = [(&right, &mistaken), (&wrong, &row.plan)];
        for (facts, plan) in alone {
            let broken =
                (0..BREAK).find_map(|seed| run(facts, plan, seed, false).violation.filter(breaks));
            assert_eq!(broken, None, "{what}: one of the two is enough");
        }
    }
    let mut others = BTreeSet::new();
    let found = (0..BREAK).find_map(|seed| {
        let violation = run(&wrong, &mistaken, seed, false).violation?;
        let is_it = breaks(&violation);
        others.extend((!is_it).then(|| violation.to_string()));
        is_it.then_some((seed, violation))
    });
    let Some((seed, violation)) = found else {
        panic!("{what}: {clause}, {part}, does not break, but {others:#?}");
    };
    println!("{what}, seed {seed}: {violation}");
    for seed in 0..part_of(PASS).max(seed + 1) {
        let passed = run(&right, &row.plan, seed, false).violation;
        assert_eq!(passed, None, "{what}: seed {seed} breaks without the mistake");
        if let Some(fault) = row.fault {
            let mut plan = mistaken.clone();
            plan.spare(fault);
            let passed = run(&wrong, &plan, seed, false).violation;
            assert_eq!(passed, None, "{what}: seed {seed} breaks without the fault");
        }
    }
}

/// Checks every row, and reports each that does not hold.
#[track_caller]
pub(crate) fn all(rows: Vec<Row>) {
    let holds = |row: &Row| std::panic::catch_unwind(|| check(row)).is_ok();
    let wrong: Vec<_> = rows.iter().filter(|it| !holds(it)).map(|it| it.what).collect();
    assert!(wrong.is_empty(), "see above: {wrong:#?}");
}

/// Groups of rows: a test for each group, and a list of all rows.
macro_rules! groups {
    ($($group:ident),* $(,)?) => {
        /// All rows of this file.
        pub(crate) fn rows() -> Vec<crate::table::Row> {
            [$($group()),*].into_iter().flatten().collect()
        }

        mod checked {
            $(#[test]
            fn $group() {
                crate::table::all(super::$group());
            })*
        }
    };
}

pub(crate) use groups;
