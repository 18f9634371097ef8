//! The clauses of the invariants: each is one way in which a run may break.
//!
//! `tests/safeguards` disables a safeguard for each clause, and fails if a clause has none.

use std::fmt;

macro_rules! clauses {
    ($($invariant:ident { $($(#[$doc:meta])* $name:ident,)* })*) => {
        /// A clause that a run may break. `docs/reliability.md` has the invariants by their numbers.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Clause {
            $($($(#[$doc])* $name,)*)*
        }

        impl Clause {
            /// All clauses.
            pub const ALL: &'static [Clause] = &[$($(Clause::$name,)*)*];

            /// The number of its invariant.
            pub fn invariant(self) -> &'static str {
                match self {
                    $($(Clause::$name)|* => stringify!($invariant),)*
                }
            }
        }
    };
}

clauses! {
    I1 {
        /// Each accepted order is decided.
        Decided,
        /// A record is kept.
        RecordKept,
        /// A record has every attribute that it must have.
        RecordWhole,
        /// The status of an order changes only by an allowed step.
        KnownStep,
        /// An execution ends.
        ExecutionEnds,
        /// A run ends.
        RunEnds,
        /// Each function that a state calls exists.
        FunctionIsThere,
        /// Each queue has a listener.
        ListenerIsThere,
        /// An order that was accepted can be read.
        CanBeRead,
    }
    I2 {
        /// A decision is final, except for rounds of a failed order.
        DecisionIsFinal,
        /// A tracking number belongs to a fulfilled order.
        ParcelIsOfFulfilled,
        /// Fields of a failure belong to a failed or rejected order.
        FailureIsOfFailed,
        /// A dead letter belongs to a failed order.
        LetterIsOfFailed,
        /// A rejected order expires, and no other.
        RejectedExpires,
    }
    I3 {
        /// A failed order has a record of its failure, and no other order has one.
        FailureIsRecorded,
        /// A record of failure is of an order, or of a message without one.
        FailureIsOfAnOrder,
        /// A dead letter has a record with the reason.
        LetterIsExplained,
        /// A failed order has a message that can be redriven.
        LetterIsLeft,
    }
    I4 {
        /// A round decides an order once.
        RoundDecidesOnce,
        /// Each round was requested.
        RoundIsAskedFor,
        /// The draw decides whether an order is fulfilled.
        DrawDecides,
    }
    I5 {
        /// A record remains one of the same order.
        RecordIsOfOneOrder,
        /// A record is of an order that was placed.
        RecordIsOfAPlacedOrder,
        /// A record has the values of the placed order.
        RecordIsAsPlaced,
        /// The total is price times quantity.
        TotalIsRight,
        /// An execution succeeds only if the record is its own order's.
        RecordIsItsOwn,
        /// An idempotency key accepts one order.
        KeyTakesOneOrder,
        /// An idempotency key names one order.
        KeyLeadsToOneOrder,
        /// A 202 names an order.
        AnswerNamesAnOrder,
        /// A 202 has the location of the order.
        AnswerHasTheLocation,
        /// A 202 is of an order that can be found.
        AnswerIsOfAnOrderThatIsKept,
        /// A client is shown the order that was placed.
        ShownAsOrdered,
    }
    I6 {
        /// A message that was handled does not come back.
        HandledOnce,
        /// An execution that ended in `Stored` has sent a message.
        MessageIsSent,
        /// Without a fault, the reconciler has no order to close.
        NothingIsLeftOver,
    }
    I7 {
        /// A metric never counts more events than happened.
        CountedAtMost,
        /// Without a fault, a metric counts exactly the events that happened.
        CountedExactly,
    }
    I8 {
        /// The index is written no more often than the generator assumes.
        IndexIsWrittenSeldom,
    }
    I9 {
        /// A client is shown a status that the order had after the request began.
        ShownAsItStands,
        /// The status that a client is shown does not go back.
        ShownInOrder,
    }
    I10 {
        /// Each order is decided in time.
        DecidedInTime,
        /// No order is closed before its deadline.
        NotClosedEarly,
    }
}

/// A violated clause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is broken: {what}", .clause.invariant())]
pub struct Violation {
    /// The clause.
    pub clause: Clause,
    /// The observed facts.
    pub what: String,
}

impl Violation {
    pub(crate) fn new(clause: Clause, what: String) -> Self {
        Violation { clause, what }
    }

    /// The number of the invariant.
    pub fn invariant(&self) -> &'static str {
        self.clause.invariant()
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {self:?}", self.invariant())
    }
}
