//! What the processes of a local system have taken of the processors, by whose they are.

use std::{collections::BTreeMap, process::Command};

use anyhow::Context as _;

use crate::workspace::said;

/// Seconds of processors, by who took them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Taken {
    /// The functions, those that have ended since as well.
    pub(super) functions: f64,
    /// The emulator of AWS.
    pub(super) emulator: f64,
}

impl Taken {
    /// So far, below the process that has started the emulator.
    pub(super) fn below(dofs: u32) -> anyhow::Result<Self> {
        let ticks = ticks_in_a_second()?;
        let of = |it: u64| it as f64 / ticks;
        let all = all()?;
        let children = |parent: u32| all.iter().filter(move |(_, it)| it.parent == parent);
        let mut taken = Taken::default();
        for (&emulator, process) in children(dofs) {
            taken.emulator += of(process.own);
            taken.functions += of(process.ended_children);
            taken.functions +=
                children(emulator).map(|(_, it)| of(it.own + it.ended_children)).sum::<f64>();
        }
        Ok(taken)
    }

    pub(super) fn since(self, before: Self) -> Self {
        Taken {
            functions: self.functions - before.functions,
            emulator: self.emulator - before.emulator,
        }
    }
}

/// What the kernel tells about a process, in its ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process {
    parent: u32,
    own: u64,
    ended_children: u64,
}

fn all() -> anyhow::Result<BTreeMap<u32, Process>> {
    let mut found = BTreeMap::new();
    for entry in fs_err::read_dir("/proc")? {
        let entry = entry?;
        let pid = entry.file_name().to_str().and_then(|it| it.parse().ok());
        let Some(pid) = pid else { continue };
        // One that has ended since is nobody's child any more.
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        found.insert(pid, read(&stat).with_context(|| format!("/proc/{pid}/stat: {stat}"))?);
    }
    Ok(found)
}

/// Reads `/proc/PID/stat`. A program's name may have spaces and parentheses in it.
fn read(stat: &str) -> Option<Process> {
    let (_, fields) = stat.rsplit_once(')')?;
    // The first of these is the third, as the manual counts.
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Process {
        parent: u32::try_from(field(4)?).ok()?,
        own: field(14)? + field(15)?,
        ended_children: field(16)? + field(17)?,
    })
}

fn ticks_in_a_second() -> anyhow::Result<f64> {
    let mut getconf = Command::new("getconf");
    getconf.arg("CLK_TCK");
    said(getconf)?.trim().parse().context("`getconf CLK_TCK` says no number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read() {
        fn check(stat: &str, expected: Option<(u32, u64, u64)>) {
            let found = read(stat).map(|it| (it.parent, it.own, it.ended_children));
            assert_eq!(found, expected, "{stat}");
        }
        let fields = "S 7 10 10 0 -1 4194560 900 0 3 0 120 30 5 2 20 0 1 0 9000";
        check(&format!("42 (bootstrap) {fields}"), Some((7, 150, 7)));
        check(&format!("42 (a ) b (c)) {fields}"), Some((7, 150, 7)));
        check("42 (bootstrap) S 7", None);
        check("", None);
    }

    #[test]
    fn this_process_is_among_all() {
        let own = all().unwrap()[&std::process::id()];
        assert!(own.parent > 0, "{own:?}");
        assert!(ticks_in_a_second().unwrap() >= 1.0);
    }
}
