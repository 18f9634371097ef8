//! A folder in which Terraform keeps the provider, for all roots that name the same one.
//!
//! Terraform does not guard it: of two that put the same provider into it at once, one fails, and one
//! that is killed at it leaves half a provider. So it is filled here, by one at a time, and whoever
//! runs Terraform afterwards only reads it.
//! <https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache>

use std::{io, path::Path};

use fs_err as fs;
use serde_json::json;

use super::{Terraform, TerraformError, place};

impl Terraform {
    /// Puts the provider into the folder, if it is not there. Waits for whoever is at it.
    pub(super) fn fill(&self, cache: &Path) -> Result<(), TerraformError> {
        // Terraform takes no folder that is not there.
        fs::create_dir_all(cache)?;
        let lock = fs::File::create(cache.join(".lock"))?.into_file();
        lock.lock()?;
        let place = place(self.product.registry(), &self.version);
        let provider = cache.join(&place);
        // Written once the provider is whole.
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

    /// A root that needs nothing but the provider.
    pub(crate) fn asks_for_the_provider(&self) -> String {
        let aws = json!({ "source": "hashicorp/aws", "version": self.version });
        json!({ "terraform": { "required_providers": { "aws": aws } } }).to_string()
    }
}

/// Takes away what is there: a folder, or a link to a mirror's.
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
