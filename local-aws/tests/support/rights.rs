//! What an emulator that evaluates IAM denied.

use std::{fs, path::Path};

use infra_gen::config::Environment;

/// What the emulator denied, except to the roles of an environment's own functions and services: those lose their rights
/// while the environment is destroyed.
pub(crate) fn denied(log: &Path) -> Vec<String> {
    let said = fs::read_to_string(log).unwrap();
    let own = Environment::ALL.map(|it| format!(":assumed-role/dofs-{it}-"));
    let lines = said.lines().filter(|it| it.contains("denied: "));
    lines.filter(|line| !own.iter().any(|it| line.contains(it))).map(str::to_owned).collect()
}
