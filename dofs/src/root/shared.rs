//! One process of the AWS provider for all runs of Terraform in a root.
//!
//! Without it, each run reads the whole provider, 700 MB, to compare its hash with the lock file, and starts it: three
//! seconds of processor time. Here the first `init` compares the hash, and the provider that it has installed serves the
//! runs that follow. A lock file that changes makes the next `init` compare again.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use terraform_cli::{Provider, Terraform};
use tokio::sync::Mutex;

/// The subcommands of Terraform that need the provider, and can share it.
const SERVED: [&str; 5] = ["plan", "show", "apply", "destroy", "refresh"];

/// The provider of a root. The first run that needs it starts it.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared {
    provider: Arc<Mutex<Option<Arc<Provider>>>>,
    /// Whether an `init` has compared the provider's hash with the lock file.
    is_checked: Arc<AtomicBool>,
}

impl Shared {
    /// Whether an `init` has compared the hash of the installed provider with the lock file.
    pub(super) fn is_checked(&self) -> bool {
        self.is_checked.load(Ordering::Relaxed)
    }

    /// Sets whether an `init` has compared the hash. A changed lock file resets it.
    pub(super) fn set_checked(&self, is_checked: bool) {
        self.is_checked.store(is_checked, Ordering::Relaxed);
    }

    /// Whether a run with these arguments uses the shared provider. An `init` does if an earlier one has compared the hash.
    pub(super) fn serves(&self, args: &[&str]) -> bool {
        match args.first() {
            Some(&"init") => self.is_checked(),
            Some(it) => SERVED.contains(it),
            None => false,
        }
    }

    /// Returns the provider, and starts it if it is not running. `None` if none is installed: then each run starts its own.
    pub(super) async fn started(
        &self,
        terraform: &Terraform,
        data: &Path,
    ) -> anyhow::Result<Option<Arc<Provider>>> {
        let mut provider = self.provider.lock().await;
        if provider.as_ref().is_none_or(|it| !it.is_up()) {
            let (terraform, data) = (terraform.clone(), data.to_owned());
            let start = move || terraform.start_installed_provider(&data);
            *provider = tokio::task::spawn_blocking(start).await??.map(Arc::new);
        }
        Ok(provider.clone())
    }

    /// Ends the provider; the next run that needs one starts another. Its memory is a few hundred megabytes.
    pub(super) fn end(&mut self) {
        self.provider = Arc::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_init_compares_the_hash_by_itself() {
        #[track_caller]
        fn check(is_checked: bool, args: &[&str], expected: bool) {
            let shared = Shared::default();
            shared.set_checked(is_checked);
            assert_eq!(shared.serves(args), expected, "{is_checked} {args:?}");
        }
        check(false, &["init", "-input=false"], false);
        check(true, &["init", "-input=false"], true);
        check(false, &["plan"], true);
        check(true, &["apply", "a.tfplan"], true);
        // These subcommands need no provider.
        check(true, &["state", "pull"], false);
        check(true, &["output", "-json"], false);
        check(true, &[], false);
    }
}
