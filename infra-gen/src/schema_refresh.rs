//! The provider's schemas: fetched by Terraform, or read from a file, and cut to what is used.

use std::{collections::BTreeSet, path::Path};

use fs_err as fs;

pub use crate::check::provider::vendored::{EVERY_RELEASE_FILE, every_release, file};
use crate::{
    check::provider::vendored::{SchemaError, cut},
    model::BlockKind,
    terraform::{Terraform, TerraformError},
};

/// Why there is no new schema.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Terraform or its provider cannot be had.
    #[error(transparent)]
    Terraform(#[from] TerraformError),
    /// What it printed is of no use.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The operating system said no.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The text of a release's vendored schema for these blocks, by the provider itself.
///
/// # Errors
///
/// Where Terraform or its provider cannot be had, or the provider lacks a block.
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

/// As [`vendored`], out of a file that holds what `terraform providers schema -json` prints.
///
/// # Errors
///
/// Where the file cannot be read, or the provider in it lacks a block.
pub fn out_of(
    file: &Path,
    version: &str,
    used: &BTreeSet<(BlockKind, String)>,
) -> Result<String, RefreshError> {
    let full = serde_json::from_str(&fs::read_to_string(file)?).map_err(SchemaError::from)?;
    Ok(cut(version, &full, used)?)
}
