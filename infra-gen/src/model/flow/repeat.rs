//! Flows that begin anew after a wait, until the machine's time is over.

use std::{cell::OnceCell, marker::PhantomData, rc::Rc};

use super::{Ended, Exit, Flow};
use crate::model::{expr::Body, limits::WaitSeconds, name::StateName};

/// The way back to the beginning of a flow that takes an `I`.
pub struct Again<I> {
    first: Rc<OnceCell<StateName>>,
    _input: PhantomData<fn(I)>,
}

impl<I> Again<I> {
    /// Waits, and begins anew with the input of the wait.
    ///
    /// An execution holds 25,000 events, so the wait has to be long beside the machine's time: rule `asl/loop`.
    pub fn after(&self, name: impl Into<StateName>, seconds: WaitSeconds) -> Flow<I, Ended> {
        let body = Body::map([("Type", "Wait".into()), ("Seconds", seconds.into())]);
        Flow::one(name.into(), body, Exit::Back(self.first.clone()))
    }
}

/// A flow that may begin anew: `flow` builds it, with the way back to its first state.
pub fn repeat<I, O>(flow: impl FnOnce(&Again<I>) -> Flow<I, O>) -> Flow<I, O> {
    let again = Again { first: Rc::default(), _input: PhantomData };
    let flow = flow(&again);
    if let Some(first) = flow.states.first() {
        // This cell is new, and nothing else sets it.
        let _ = again.first.set(first.name);
    }
    flow
}
