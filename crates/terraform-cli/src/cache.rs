//! The plugin cache: a folder with the provider, for all roots that use the same version.
//!
//! Terraform does not lock the folder. If two runs install the same provider at once, one of them fails, and a killed
//! run leaves half a provider. So this module fills the folder while it holds a lock, and later runs of Terraform only
//! read it.
//! <https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache>

use std::{io, path::Path};

use fs_err as fs;
use serde_json::json;

use super::{Terraform, TerraformError, place};

impl Terraform {
    /// Installs the provider into the folder, if it is not there. Waits for another process that does.
    pub(super) fn fill(&self, cache: &Path) -> Result<(), TerraformError> {
        // Terraform does not create the folder.
        fs::create_dir_all(cache)?;
        let lock = fs::File::create(cache.join(".lock"))?.into_file();
        lock.lock()?;
        let place = place(self.product.registry(), &self.version);
        let provider = cache.join(&place);
        // This file is written when the provider is complete.
        let whole = cache.join(place.replace('/', "-") + ".whole");
        if whole.exists() && provider.exists() {
            return Ok(());
        }
        remove(&provider)?;
        let work = tempfile::tempdir()?;
        let root = work.path().join("root");
        fs::create_dir(&root)?;
        fs::write(root.join("main.tf.json"), self.asks_for_the_provider())?;
        self.run(&root, &work.path().join("data"), &["init", "-backend=false"])?;
        Ok(fs::write(whole, "")?)
    }

    /// A root that requires only the provider.
    pub fn asks_for_the_provider(&self) -> String {
        let aws = json!({ "source": "hashicorp/aws", "version": self.version });
        json!({ "terraform": { "required_providers": { "aws": aws } } }).to_string()
    }
}

/// Removes an installed provider: a folder, or a link to the folder of a mirror.
fn remove(provider: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(provider) {
        Ok(it) if it.is_dir() => fs::remove_dir_all(provider),
        Ok(_) => fs::remove_file(provider),
        Err(err) => Err(err),
    };
    match removed {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        _ => Ok(()),
    }
}
