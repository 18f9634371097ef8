//! Measures the processor time of a local system's processes, by their kind.

/// Processor time in seconds, by process.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Taken {
    /// The functions, including those that have ended.
    pub(super) functions: f64,
    /// The emulator of AWS.
    pub(super) emulator: f64,
}

impl Taken {
    /// Returns the processor time so far of the processes below the one that has started the emulator.
    pub(super) fn below(dofs: u32) -> anyhow::Result<Self> {
        let all = processes::all()?;
        let children = |parent: u32| all.iter().filter(move |it| it.parent == Some(parent));
        let mut sum = Taken::default();
        for emulator in children(dofs) {
            let Some(of) = taken(emulator.id)? else { continue };
            sum.emulator += of.own.as_secs_f64();
            sum.functions += of.ended_children.as_secs_f64();
            for function in children(emulator.id) {
                let Some(of) = taken(function.id)? else { continue };
                sum.functions += (of.own + of.ended_children).as_secs_f64();
            }
        }
        Ok(sum)
    }

    pub(super) fn since(self, before: Self) -> Self {
        Taken {
            functions: self.functions - before.functions,
            emulator: self.emulator - before.emulator,
        }
    }
}

/// Returns the processor time and memory of a process. `None` if it has ended.
fn taken(id: u32) -> anyhow::Result<Option<processes::Taken>> {
    match processes::taken(id) {
        Ok(taken) => Ok(Some(taken)),
        Err(err) if processes::find(id)?.is_some() => Err(err.into()),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_of_this_process_are_counted() {
        if !cfg!(target_os = "linux") {
            return;
        }
        assert!(taken(std::process::id()).unwrap().is_some());
        assert!(taken(u32::MAX).unwrap().is_none());
        assert!(Taken::below(std::process::id()).is_ok());
    }
}
