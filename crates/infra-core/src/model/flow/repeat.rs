//! Loops: flows that begin again after a Wait, until the timeout of the machine.

use std::{cell::OnceCell, marker::PhantomData, rc::Rc};

use super::{Ended, Exit, Flow};
use crate::model::{expr::Body, limits::WaitSeconds, name::StateName};

/// The transition back to the beginning of a flow with the input `I`.
pub struct Again<I> {
    first: Rc<OnceCell<StateName>>,
    _input: PhantomData<fn(I)>,
}

impl<I> Again<I> {
    /// Waits, and begins the flow again with the input of the Wait.
    ///
    /// An execution may have 25,000 events, so the Wait must be long enough for the timeout of the machine (rule
    /// `asl/loop`).
    pub fn after(&self, name: impl Into<StateName>, seconds: WaitSeconds) -> Flow<I, Ended> {
        let body = Body::map([("Type", "Wait".into()), ("Seconds", seconds.into())]);
        Flow::one(name.into(), body, Exit::Back(self.first.clone()))
    }
}

/// A flow that may begin again. `flow` builds it, and gets the transition back to its first state.
pub fn repeat<I, O>(flow: impl FnOnce(&Again<I>) -> Flow<I, O>) -> Flow<I, O> {
    let again = Again { first: Rc::default(), _input: PhantomData };
    let flow = flow(&again);
    if let Some(first) = flow.states.first() {
        // The cell is new, and nothing else sets it, so this succeeds.
        let _ = again.first.set(first.name);
    }
    flow
}
