//! Coverage of a run: states and transitions of the order machine, branches of the handlers, and deliveries of messages by the
//! status of their order.

use contracts::domain::OrderStatus;

use crate::{branch::Branch, facts::Facts};

/// The statuses of orders whose messages can be delivered. A message is sent after its order is stored, and never for a
/// rejected one.
const STATUSES: [OrderStatus; 3] =
    [OrderStatus::Processing, OrderStatus::Fulfilled, OrderStatus::Failed];

/// The kinds of deliveries.
const DELIVERIES: [&str; 4] =
    ["a first delivery", "a redelivery", "a redrive's first delivery", "a redrive's redelivery"];

/// The items that a run reached, one bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// The transitions of the state machine, one bit for each, in the order of [`asl::Machine::ways`].
    pub ways: u128,
    /// The deliveries by the status of their order, one bit for each: [`Reach::counts`] names them.
    pub pairs: u16,
    /// The branches of the handlers, one bit for each.
    pub branches: u64,
}

/// The number of bits in each part of [`Reached`].
const BITS: [usize; 3] = [128, 16, 64];

impl Reached {
    /// Marks a branch of a handler.
    pub(crate) fn came_to(&mut self, branch: Option<Branch>) {
        self.branches |= branch.map_or(0, Branch::bit);
    }

    /// Marks the delivery of a message, by its receive count and the status of its order. `is_redriven`: a redrive has requested a round.
    pub(crate) fn delivered(&mut self, status: OrderStatus, time: u32, is_redriven: bool) {
        if let Some(at) = STATUSES.iter().position(|it| *it == status) {
            let delivery = usize::from(time > 1) + 2 * usize::from(is_redriven);
            self.pairs |= 1 << (at * DELIVERIES.len() + delivery);
        }
    }
}

/// The number of runs that reached each item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach(Vec<u64>);

impl Reach {
    /// Counts the items that one run reached.
    pub fn add(&mut self, reached: Reached) {
        let ways = (0..128).map(|bit| reached.ways >> bit & 1 == 1);
        let pairs = (0..16).map(|bit| reached.pairs >> bit & 1 == 1);
        let branches = (0..64).map(|bit| reached.branches >> bit & 1 == 1);
        self.0.resize(BITS.iter().sum(), 0);
        for (count, is_reached) in self.0.iter_mut().zip(ways.chain(pairs).chain(branches)) {
            *count += u64::from(is_reached);
        }
    }

    pub(crate) fn join(&mut self, other: &Reach) {
        self.0.resize(BITS.iter().sum(), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(count, more)| *count += more);
    }

    /// The name of each state and branch that a run can reach, and how many runs reached it.
    pub fn counts(&self, facts: &Facts) -> Vec<(String, u64)> {
        let count = |bit: usize| self.0.get(bit).copied().unwrap_or_default();
        let ways = facts.machine.ways().iter().cloned().zip((0..).map(count));
        let branches = Branch::ALL.iter().map(|it| format!("{it:?}"));
        let pairs = pairs().zip((BITS[0]..).map(count));
        ways.chain(pairs).chain(branches.zip((BITS[0] + BITS[1]..).map(count))).collect()
    }
}

/// Returns the names of all combinations of a status and a delivery.
fn pairs() -> impl Iterator<Item = String> {
    let of = |status| DELIVERIES.iter().map(move |it| format!("{status:?}: {it}"));
    STATUSES.into_iter().flat_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_has_its_name() {
        let facts = Facts::of_dev().expect("infra-gen wrote it");
        let mut reached = Reached { ways: 0b10, ..Reached::default() };
        reached.came_to(Some(Branch::PostIsRepeated));
        reached.came_to(None);
        reached.delivered(OrderStatus::Failed, 2, true);
        reached.delivered(OrderStatus::Processing, 1, false);
        reached.delivered(OrderStatus::Rejected, 1, false);
        let (mut reach, mut all) = (Reach::default(), Reach::default());
        reach.add(reached);
        all.join(&reach);
        all.join(&reach);
        let found: Vec<_> = all.counts(&facts).into_iter().filter(|(_, it)| *it > 0).collect();
        let expected = [
            facts.machine.ways()[1].as_str(),
            "Processing: a first delivery",
            "Failed: a redrive's redelivery",
            "PostIsRepeated",
        ];
        assert_eq!(found, expected.map(|it| (it.to_owned(), 2)));
        assert_eq!(all.counts(&facts).len(), facts.machine.ways().len() + 12 + Branch::ALL.len());
    }
}
