//! Gets the provider's schema from Terraform or from a file, and cuts it to the types in use.

use std::{collections::BTreeSet, path::Path};

use fs_err as fs;

pub use infra_core::check::provider::vendored::{EVERY_RELEASE_FILE, every_release, file};
use infra_core::{
    check::provider::vendored::{SchemaError, cut},
    model::BlockKind,
};
use terraform_cli::{Terraform, TerraformError};

/// The error of a schema that could not be updated.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Terraform or its provider cannot be run.
    #[error(transparent)]
    Terraform(#[from] TerraformError),
    /// The schema cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The operating system returned an error.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Runs Terraform with this release of the provider, and returns the text of the vendored schema for these types.
///
/// # Errors
///
/// If Terraform or the provider cannot be run, or the provider lacks a type.
pub fn vendored(
    version: &str,
    used: &BTreeSet<(BlockKind, String)>,
) -> Result<String, RefreshError> {
    let folder = tempfile::tempdir()?;
    let terraform = Terraform::find(version, folder.path())?;
    let root = folder.path().join("root");
    fs::create_dir(&root)?;
    fs::write(root.join("main.tf.json"), terraform.asks_for_the_provider())?;
    let data = folder.path().join("data");
    terraform.run(&root, &data, &["init", "-backend=false"])?;
    let full = terraform.run(&root, &data, &["providers", "schema", "-json"])?;
    let full = serde_json::from_str(&full).map_err(SchemaError::from)?;
    Ok(cut(version, &full, used)?)
}

/// Reads the schema from a file with the output of `terraform providers schema -json`, and returns the text of the
/// vendored schema for these types.
///
/// # Errors
///
/// If the file cannot be read, or its schema lacks a type.
pub fn out_of(
    file: &Path,
    version: &str,
    used: &BTreeSet<(BlockKind, String)>,
) -> Result<String, RefreshError> {
    let full = serde_json::from_str(&fs::read_to_string(file)?).map_err(SchemaError::from)?;
    Ok(cut(version, &full, used)?)
}
