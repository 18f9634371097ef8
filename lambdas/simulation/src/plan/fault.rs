//! Everything that can go wrong in a run, and plans without one of it.

use super::Plan;
use crate::{
    fault::{FaultPlan, Kind, Service},
    listed::listed,
};

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It strikes by chance.
    Strikes(Kind),
    /// A service is out.
    Out(Service),
    /// A fault outside of the calls.
    Around(Around),
}

listed! {
    /// A part of a plan that goes wrong around the calls.
    pub enum Around {
        /// Clocks differ.
        Clocks,
        /// The index is minutes behind.
        Index,
        /// DescribeExecution is behind.
        Describe,
        /// A record is of another version.
        OtherVersion,
        /// A record is another order's.
        OtherOrder,
        /// Customers come back after weeks.
        Weeks,
        /// Operators redrive dead letters.
        Redrives,
        /// Messages lead to no order.
        Poison,
    }
}

impl Fault {
    /// Every one.
    pub fn all() -> Vec<Fault> {
        let strikes = Kind::ALL.into_iter().map(Fault::Strikes);
        let out = Service::ALL.into_iter().map(Fault::Out);
        strikes.chain(out).chain(Around::ALL.into_iter().map(Fault::Around)).collect()
    }
}

impl Plan {
    /// Takes a fault out of it.
    pub fn spare(&mut self, fault: Fault) {
        // Each field is named, so that a new field does not compile before this function states whether it is a fault.
        let Plan {
            orders: _,
            within: _,
            invalid: _,
            without: _,
            mistake: _,
            faults,
            skew,
            lag,
            shown_late,
            poison,
            redrives,
            unreadable,
            weeks,
            foreign,
        } = self;
        match (fault, faults) {
            (Fault::Strikes(kind), FaultPlan::Random { rates, .. }) => {
                *rates = rates.with(kind, 0);
            }
            (Fault::Out(service), FaultPlan::Random { outage, .. }) => {
                if let Some(outage) = outage {
                    outage.services &= !service.bit();
                }
            }
            // The one call that goes wrong has no rate and is in no outage.
            (Fault::Strikes(_) | Fault::Out(_), FaultPlan::Exactly { .. }) => {}
            (Fault::Around(part), _) => match part {
                Around::Clocks => *skew = 0,
                Around::Index => *lag = 30_000,
                Around::Describe => *shown_late = false,
                Around::OtherVersion => *unreadable = 0,
                Around::OtherOrder => *foreign = false,
                Around::Weeks => *weeks = false,
                Around::Redrives => *redrives = 0,
                Around::Poison => *poison = 0,
            },
        }
    }
}
