//! The machine itself.

use std::io;

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, System};

/// Facts about this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The name of its processor, or of the processor's architecture.
    pub processor: String,
    /// The size of its memory in bytes.
    pub memory: u64,
    /// The operating system and the version of its kernel.
    pub system: String,
}

/// Reads the facts about this machine.
///
/// # Errors
///
/// If the operating system does not report them.
pub fn machine() -> io::Result<Machine> {
    let mut system = System::new().map_err(io::Error::other)?;
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    system.refresh_cpu_specifics(CpuRefreshKind::nothing());
    let brand = system.cpus().first().map(|it| it.brand().trim()).filter(|it| !it.is_empty());
    let name = match cfg!(target_os = "linux") {
        // `System::name` would return the name of the distribution.
        true => "Linux".to_owned(),
        false => System::name().map_err(io::Error::other)?,
    };
    Ok(Machine {
        processor: brand.unwrap_or(std::env::consts::ARCH).to_owned(),
        memory: system.total_memory(),
        system: format!("{name} {}", System::kernel_version().map_err(io::Error::other)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known() {
        let machine = machine().unwrap();
        assert!(machine.memory > 100_000_000, "{machine:?}");
        assert!(!machine.processor.is_empty() && machine.system.contains(' '), "{machine:?}");
    }
}
