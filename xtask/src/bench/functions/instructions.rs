//! Counts the instructions of a function with Valgrind's callgrind. Other work of the machine does not change the
//! counts.

use std::path::Path;

use super::{environment::Environment, event::Event, lambda::Lambda};
use crate::instructions::valgrind::{Valgrind, total};

/// The number of events between two counts, so that the work of the start is not counted.
const CALLS: usize = 200;

/// The instructions that a function runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Instructions {
    /// The instructions from the start of the process to its first request for an event.
    pub(super) init: f64,
    /// The instructions of one event, once the function is warm.
    pub(super) call: f64,
}

/// Counts the instructions of a program.
pub(super) fn count(
    valgrind: &Valgrind,
    lambda: &Lambda,
    environment: &Environment,
    program: &Path,
    event: &Event,
) -> anyhow::Result<Instructions> {
    let folder = tempfile::tempdir()?;
    let counted = |calls: usize| {
        let file = folder.path().join("callgrind.out");
        let mut command = valgrind.callgrind(&file);
        command.arg(program);
        let mut function = lambda.start(environment.around(command))?;
        for _ in 0..calls {
            function.invoke(event)?;
        }
        function.end()?;
        anyhow::Ok(total(&file)? as f64)
    };
    let (init, warm, more) = (counted(0)?, counted(CALLS)?, counted(2 * CALLS)?);
    Ok(Instructions { init, call: (more - warm) / CALLS as f64 })
}
