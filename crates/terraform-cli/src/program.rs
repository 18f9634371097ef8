//! The program that runs the roots: Terraform, or OpenTofu, which takes the same commands and variables.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::{Terraform, TerraformError, variable_os};

/// The environment variable with the program. An empty value counts as unset.
pub const VARIABLE: &str = "DOFS_TERRAFORM";

/// The program of the command line.
static CHOSEN: OnceLock<PathBuf> = OnceLock::new();

/// Makes this process run `program` as Terraform, whatever [`VARIABLE`] says. Only the first call has an effect.
pub fn choose(program: &Path) {
    let _ = CHOSEN.set(program.to_owned());
}

/// The program of [`choose`], or of [`VARIABLE`], or `terraform` on the `PATH`.
pub(super) fn chosen() -> PathBuf {
    named(CHOSEN.get().cloned(), variable_os(VARIABLE))
}

fn named(chosen: Option<PathBuf>, variable: Option<OsString>) -> PathBuf {
    match chosen.or_else(|| variable.map(PathBuf::from)) {
        // Commands run in the folders of roots, where a relative path would name another file.
        Some(path) if path.components().count() > 1 => std::path::absolute(&path).unwrap_or(path),
        Some(name) => name,
        None => PathBuf::from("terraform"),
    }
}

/// Terraform or OpenTofu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// HashiCorp's.
    Terraform,
    /// The Linux Foundation's.
    OpenTofu,
}

impl Product {
    /// The product's name, as its `version` command prints it.
    pub fn name(self) -> &'static str {
        match self {
            Product::Terraform => "Terraform",
            Product::OpenTofu => "OpenTofu",
        }
    }

    /// The registry that `hashicorp/aws` without a host is in.
    /// <https://opentofu.org/docs/language/providers/requirements/#source-addresses>
    pub fn registry(self) -> &'static str {
        match self {
            Product::Terraform => "registry.terraform.io",
            Product::OpenTofu => "registry.opentofu.org",
        }
    }

    /// The page that says how to install it.
    pub(super) fn install(self) -> &'static str {
        match self {
            Product::Terraform => "https://developer.hashicorp.com/terraform/install",
            Product::OpenTofu => "https://opentofu.org/docs/intro/install",
        }
    }

    /// Reads product and version from the output of `version`. The JSON output does not tell the products apart.
    fn of(said: &str) -> Option<(Product, String)> {
        said.lines().find_map(|line| {
            [Product::Terraform, Product::OpenTofu].into_iter().find_map(|it| {
                let version = line.trim().strip_prefix(it.name())?.strip_prefix(" v")?;
                Some((it, version.split_whitespace().next()?.to_owned()))
            })
        })
    }
}

impl Terraform {
    /// Runs `version`, and keeps the product and its version.
    pub(super) fn identify(&mut self) -> Result<(), TerraformError> {
        let output = self
            .base()
            .arg("version")
            .output()
            .map_err(|err| TerraformError::Missing { program: self.program.clone(), err })?;
        let said = String::from_utf8_lossy(&output.stdout);
        match Product::of(&said) {
            Some((product, release)) if is_recent(&release) => {
                (self.product, self.release) = (product, release);
                Ok(())
            }
            found => {
                let product = found.as_ref().map_or(Product::Terraform, |it| it.0);
                let first = said.lines().next().unwrap_or_default().trim().to_owned();
                Err(TerraformError::Version { program: self.program.clone(), said: first, product })
            }
        }
    }

    /// Terraform or OpenTofu.
    pub fn product(&self) -> Product {
        self.product
    }
}

/// Whether a version is 1.10 or newer. Since 1.10, both products lock a state with a file in S3, and OpenTofu accepts a
/// lock file that names Terraform's registry.
/// <https://developer.hashicorp.com/terraform/language/upgrade-guides> <https://github.com/opentofu/opentofu/releases/tag/v1.10.0>
pub(super) fn is_recent(version: &str) -> bool {
    let mut parts = version.split('.').map(|it| it.parse::<u32>().unwrap_or(0));
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    version >= (1, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_and_version_are_read_from_the_output() {
        fn check(said: &str, expected: Option<(Product, &str)>) {
            let found = Product::of(said);
            assert_eq!(found.as_ref().map(|it| (it.0, it.1.as_str())), expected, "{said}");
        }
        check("Terraform v1.12.1\non linux_amd64\n", Some((Product::Terraform, "1.12.1")));
        check("OpenTofu v1.10.6\non linux_amd64\n", Some((Product::OpenTofu, "1.10.6")));
        let locked = "OpenTofu v1.11.0-rc1\non linux_amd64\n\
                      + provider registry.opentofu.org/hashicorp/aws v5.100.0\n";
        check(locked, Some((Product::OpenTofu, "1.11.0-rc1")));
        check("a warning\n\nTerraform v1.15.5\n", Some((Product::Terraform, "1.15.5")));
        check("Terragrunt v0.50.0", None);
        check(r#"{"terraform_version":"1.12.1"}"#, None);
        check("", None);
    }

    #[test]
    fn the_command_line_has_priority_over_the_variable() {
        #[track_caller]
        fn check(chosen: Option<&str>, variable: Option<&str>, expected: &str) {
            let found = named(chosen.map(PathBuf::from), variable.map(OsString::from));
            assert_eq!(found, Path::new(expected));
        }
        check(None, None, "terraform");
        check(None, Some("tofu"), "tofu");
        check(Some("tofu"), Some("terraform"), "tofu");
        let here = std::path::absolute("bin/tofu").unwrap();
        check(None, Some("bin/tofu"), &here.to_string_lossy());
    }

    #[test]
    fn versions_are_read() {
        fn check(version: &str, recent: bool) {
            assert_eq!(is_recent(version), recent, "{version}");
        }
        check("1.10.0", true);
        check("1.11.4", true);
        check("1.11.0-rc1", true);
        check("2.0.0-beta1", true);
        check("1.9.8", false);
        check("0.12.31", false);
        check("", false);
    }
}
