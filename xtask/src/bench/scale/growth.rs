//! Measures how time grows with the number of copies. The runs of two sizes take turns, because a machine that
//! is slower for a minute is slower for both.

use std::path::Path;

use anyhow::Context as _;

use super::{Outcome, infra_gen};
use crate::bench::{
    measure::{Costs, Warmup, rounds},
    report::{Bound, Row, Table, Unit},
};

/// The sizes, the smaller one first.
const SIZES: [usize; 2] = [100, 1_000];

/// The number of runs of each size. Both together take less than two seconds.
const TURNS: usize = 15;

/// The measurements of the two sizes.
pub(super) struct Growth {
    costs: [Costs; 2],
    profiles: [String; 2],
}

impl Growth {
    /// Measures both sizes in turns.
    pub(super) fn measure(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        say!("  copies: {} and {}, in turns", SIZES[0], SIZES[1]);
        let out = folder.join("in turns");
        let subjects = SIZES.map(|copies| infra_gen(program, copies, &out));
        let costs = rounds(&subjects, TURNS, Warmup::Once)?;
        let costs: [Costs; 2] = costs.try_into().ok().context("a size was not measured")?;
        let [small, large] = &costs;
        let profile = |of: &Costs| anyhow::Ok(Outcome::read(of.stdout())?.profile());
        let profiles = [profile(small)?, profile(large)?];
        Ok(Growth { costs, profiles })
    }

    pub(super) fn bound(&self) -> Bound {
        let [small, large] = self.costs.each_ref().map(|it| it.wall().median);
        let times = large / small;
        let [small, large] = &self.profiles;
        Bound::at_most("time of 1,000 copies to that of 100, in turns", times, 11.0, Unit::Times)
            .profile(format!("1,000 copies took {large}; 100 took {small}"))
    }

    /// The note that compares the bound with the rows of both sizes, whose runs were minutes apart.
    pub(super) fn note(&self, apart: f64) -> String {
        format!(
            "How time grows is judged by runs of both sizes that take turns, {TURNS} of each. The rows of both sizes \
             in the comparison with cdktn were measured minutes apart; by them it would be {}.",
            Unit::Times.tell(apart)
        )
    }

    pub(super) fn table(&self) -> Table {
        let rows = self.costs.iter().zip(["100 copies", "1,000 copies"]);
        let rows = rows.map(|(costs, label)| Row::new(label, costs.wall()));
        Table::new("Two sizes in turns: time", Unit::Seconds, rows.collect()).over_floor()
    }
}
