//! The faults of a run, and plans without one of them.

use super::Plan;
use crate::{
    fault::{FaultPlan, Kind, Service},
    listed::listed,
};

/// A fault of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A random fault.
    Strikes(Kind),
    /// An outage of a service.
    Out(Service),
    /// A fault outside of the calls.
    Around(Around),
}

listed! {
    /// A fault of a plan that does not concern single calls.
    pub enum Around {
        /// Clocks differ.
        Clocks,
        /// The index lags minutes behind.
        Index,
        /// DescribeExecution lags behind.
        Describe,
        /// A record is of another version.
        OtherVersion,
        /// A record is another order's.
        OtherOrder,
        /// Customers come back after weeks.
        Weeks,
        /// Operators redrive dead letters.
        Redrives,
        /// Messages name no existing order.
        Poison,
    }
}

impl Fault {
    /// All of them.
    pub fn all() -> Vec<Fault> {
        let strikes = Kind::ALL.into_iter().map(Fault::Strikes);
        let out = Service::ALL.into_iter().map(Fault::Out);
        strikes.chain(out).chain(Around::ALL.into_iter().map(Fault::Around)).collect()
    }
}

impl Plan {
    /// Removes a fault from a plan.
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
            // A plan with a single failing call has no rates and no outage.
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
