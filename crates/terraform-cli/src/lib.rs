//! Finds and runs Terraform and its AWS provider. Here, "Terraform" means OpenTofu, too, unless the text says
//! otherwise.
//!
//! Terraform downloads providers from the public registry. On a machine that cannot reach it, Terraform uses a
//! filesystem mirror: a folder with `<registry host>/hashicorp/aws/<version>/<os_arch>/`.
//! <https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation>

mod cache;
mod program;
mod provider;

use std::{
    collections::VecDeque,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use fs_err as fs;

pub use self::{
    program::{Product, VARIABLE, choose},
    provider::Provider,
};

/// A Terraform program on this machine, ready to run in roots that need the AWS provider.
#[derive(Debug, Clone)]
pub struct Terraform {
    /// The program, by its path or by its name on the `PATH`.
    program: PathBuf,
    /// Terraform or OpenTofu.
    product: Product,
    /// Its own version, such as `1.12.1`.
    release: String,
    /// The version of the AWS provider that it is used with.
    version: String,
    /// The CLI configuration for a mirror, if one was found.
    cli_config: CliConfig,
    /// The folder for downloaded providers, so that many roots need one download.
    plugin_cache: Option<PathBuf>,
    /// Environment variables, in addition to those of this process.
    environment: Vec<(&'static str, Option<String>)>,
}

#[derive(Debug, Clone)]
enum CliConfig {
    /// The user's own configuration, or Terraform's defaults.
    Own,
    /// A configuration file that names a mirror, and the folder of the mirror.
    Mirror(PathBuf, PathBuf),
}

/// Why Terraform cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TerraformError {
    /// The program cannot be started.
    #[error(
        "`{}` {} ({err})\n  \
         fix: install 1.10 or newer, see {}; or set {VARIABLE} to the path of Terraform or OpenTofu",
        .program.display(),
        if .program.components().count() > 1 { "cannot be run" } else { "is not on the PATH" },
        Product::Terraform.install()
    )]
    Missing {
        /// The program.
        program: PathBuf,
        /// The error of the operating system.
        err: io::Error,
    },
    /// The program is too old, or is neither Terraform nor OpenTofu.
    #[error(
        "`{} version` prints {said:?}, but Terraform or OpenTofu 1.10 or newer is required\n  \
         fix: install it, see {}",
        .program.display(),
        .product.install()
    )]
    Version {
        /// The program.
        program: PathBuf,
        /// The first line of its output.
        said: String,
        /// The product that the output names, or Terraform.
        product: Product,
    },
    /// A command of Terraform failed.
    #[error("`{} {command}` failed\n{output}{hint}", .program.display())]
    Failed {
        /// The program.
        program: PathBuf,
        /// The command and its arguments.
        command: String,
        /// The output of the command.
        output: String,
        /// The `fix:` line for this output, or an empty text.
        hint: &'static str,
    },
    /// The provider ended before it listened, or does not listen.
    #[error("the AWS provider {} did not start\n{said}", .program.display())]
    Provider {
        /// The path of the provider.
        program: PathBuf,
        /// The output of the provider.
        said: String,
    },
    /// The operating system returned an error.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The output of Terraform is not JSON.
    #[error("the output of `terraform` is not JSON: {0}")]
    Json(#[from] serde_json::Error),
}

const NO_PROVIDER: &str = "\n  fix: allow access to registry.terraform.io (for OpenTofu: registry.opentofu.org), which has the AWS provider; \
     or put a filesystem mirror below /usr/local/share/terraform/plugins or \
     ~/.terraform.d/plugins, as <registry host>/hashicorp/aws/<version>/<os_arch>/";
const NO_BUCKET: &str = "\n  fix: create the bucket for Terraform's state: run `dofs bootstrap` for the environment, once \
     for each account";
const OTHER_BACKEND: &str = "\n  fix: this root had its state in another bucket or account before. Run `terraform init \
     -reconfigure` in the root to use the new bucket, or `terraform init -migrate-state` to copy the state to it";
const LOCKED: &str = "\n  fix: wait until the run that holds the lock ends. If it was killed, release the lock with \
     `terraform force-unlock ID` in the root; the ID is in the message above";

const NO_CREDENTIALS: &str = "\n  fix: set AWS_PROFILE to a profile, or log in with `aws configure sso` or `aws login`; \
     `dofs doctor` prints which credentials Terraform will use";
const LOG_IN: &str = "\n  fix: the credentials have expired: log in again, for example with `aws sso login` or `aws login`";
const OTHER_ACCOUNT: &str = "\n  fix: these are credentials of another account: set AWS_PROFILE to a profile of the right \
     account; `dofs doctor` prints the account of the credentials";
const NOT_ALLOWED: &str =
    "\n  fix: use a role that has the permission; `dofs doctor` prints the caller and its account";

/// Returns the `fix:` line for an output of Terraform, or an empty text if none is known.
pub fn fix(said: &str) -> &'static str {
    // Terraform wraps long lines, so a message may contain line breaks.
    let said = said.replace(['\n', '│'], " ");
    let says = |it: &str| said.split_whitespace().collect::<Vec<_>>().join(" ").contains(it);
    if says("Failed to query available provider packages") || says("Failed to install provider") {
        NO_PROVIDER
    } else if says("NoSuchBucket") || says("S3 bucket") && says("does not exist") {
        NO_BUCKET
    } else if says("Backend configuration changed") {
        OTHER_BACKEND
    } else if says("Error acquiring the state lock") {
        LOCKED
    } else if says("ExpiredToken") || says("SSO session has expired") {
        LOG_IN
    } else if says("No valid credential sources found") {
        NO_CREDENTIALS
    } else if says("AWS account ID not allowed") {
        OTHER_ACCOUNT
    } else if says("AccessDenied") || says("UnauthorizedOperation") {
        NOT_ALLOWED
    } else {
        ""
    }
}

impl Terraform {
    /// Finds Terraform, and a mirror with the provider's `version` if there is one. `work` is a folder for a CLI
    /// configuration; it must exist as long as the result is used.
    ///
    /// # Errors
    ///
    /// If there is no Terraform, or it is older than 1.10.
    pub fn find(version: &str, work: &Path) -> Result<Self, TerraformError> {
        Self::find_at(program::chosen(), version, work)
    }

    /// Does the same as [`Terraform::find`], with this program.
    ///
    /// # Errors
    ///
    /// As [`Terraform::find`].
    pub fn find_at(
        program: impl Into<PathBuf>,
        version: &str,
        work: &Path,
    ) -> Result<Self, TerraformError> {
        let mut terraform = Terraform {
            program: program.into(),
            product: Product::Terraform,
            release: String::new(),
            version: version.to_owned(),
            cli_config: CliConfig::Own,
            plugin_cache: None,
            environment: Vec::new(),
        };
        terraform.identify()?;
        let registry = terraform.product.registry();
        if let Some(mirror) = mirror(registry, version) {
            fs::create_dir_all(work)?;
            let file = work.join("terraform.tfrc");
            fs::write(&file, mirror_config(registry, &mirror))?;
            terraform.cli_config = CliConfig::Mirror(file, mirror);
        }
        Ok(terraform)
    }

    /// Terraform's own version.
    pub fn release(&self) -> &str {
        &self.release
    }

    /// Whether a mirror with the provider was found. Otherwise Terraform downloads it, or uses the user's
    /// configuration.
    pub fn has_mirror(&self) -> bool {
        matches!(self.cli_config, CliConfig::Mirror(..))
    }

    /// Uses `folder` as the plugin cache, so that all roots share one copy of the provider, which has 700 MB. Installs
    /// the provider into it. A plugin cache of the user (`TF_PLUGIN_CACHE_DIR`) has priority.
    ///
    /// # Errors
    ///
    /// If the provider cannot be installed, or the folder cannot be created.
    pub fn with_plugin_cache(mut self, folder: &Path) -> Result<Self, TerraformError> {
        if variable("TF_PLUGIN_CACHE_DIR").is_none() {
            self.plugin_cache = Some(folder.to_owned());
            self.fill(folder)?;
        }
        Ok(self)
    }

    /// Adds environment variables. A variable without a value is removed.
    #[must_use]
    pub fn with_environment(
        mut self,
        variables: impl IntoIterator<Item = (&'static str, Option<String>)>,
    ) -> Self {
        self.environment.extend(variables);
        self
    }

    /// Runs Terraform in a root, with `data` as its data folder (`TF_DATA_DIR`). Returns its stdout.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or fails.
    pub fn run(&self, root: &Path, data: &Path, args: &[&str]) -> Result<String, TerraformError> {
        let output = self.output(root, data, args)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let output = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
        Err(TerraformError::Failed {
            program: self.program.clone(),
            command: args.join(" "),
            hint: fix(&output),
            output: output.trim().to_owned(),
        })
    }

    /// Runs Terraform like [`Terraform::run`], and returns its output even if it fails.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub fn output(
        &self,
        root: &Path,
        data: &Path,
        args: &[&str],
    ) -> Result<Output, TerraformError> {
        Ok(self.command(root, data, args)?.output()?)
    }

    /// Returns a command that runs Terraform, for a caller that watches its output.
    ///
    /// # Errors
    ///
    /// If the data folder cannot be created.
    pub fn command(
        &self,
        root: &Path,
        data: &Path,
        args: &[&str],
    ) -> Result<Command, TerraformError> {
        fs::create_dir_all(data)?;
        let mut command = self.base();
        command.current_dir(root).env("TF_DATA_DIR", data).args(args);
        Ok(command)
    }

    /// A command that runs Terraform without prompts, colours and update checks.
    fn base(&self) -> Command {
        let mut command = Command::new(&self.program);
        self.prepare(&mut command);
        command
    }

    /// Sets the variables that Terraform runs with.
    fn prepare(&self, command: &mut Command) {
        command
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("TF_CLI_ARGS", "-no-color")
            .env("CHECKPOINT_DISABLE", "1")
            // A root has only the state of the default workspace.
            .env_remove("TF_WORKSPACE")
            // Terraform must not take credentials from instance metadata: `dofs` passes its own.
            .env("AWS_EC2_METADATA_DISABLED", "true");
        // A user's additional arguments are not for these commands, and most of them break the JSON output.
        for (name, _) in environment() {
            if name.to_string_lossy().starts_with("TF_CLI_ARGS_") {
                command.env_remove(name);
            }
        }
        if let Some(folder) = &self.plugin_cache {
            command.env("TF_PLUGIN_CACHE_DIR", folder);
            // Without this variable, Terraform ignores the cache in a root without a lock file.
            command.env("TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE", "1");
        }
        match &self.cli_config {
            CliConfig::Mirror(file, _) => drop(command.env("TF_CLI_CONFIG_FILE", file)),
            // Terraform prints warnings if this file does not exist.
            CliConfig::Own => match variable("TF_CLI_CONFIG_FILE") {
                Some(file) if !Path::new(&file).is_file() => {
                    command.env_remove("TF_CLI_CONFIG_FILE");
                }
                _ => (),
            },
        }
        for (name, value) in &self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a user's settings for Terraform are not settings of a function"
)]
fn environment() -> std::env::VarsOs {
    std::env::vars_os()
}

fn variable(name: &str) -> Option<String> {
    variable_os(name).and_then(|it| it.into_string().ok())
}

/// An environment variable as [`OsString`], for a path, which need not be UTF-8.
#[expect(clippy::disallowed_methods, reason = "the path of a tool is not a setting of a function")]
fn variable_os(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|it| !it.is_empty())
}

/// The path of the provider of this version for this machine, in the folder of a mirror or cache.
fn place(registry: &str, version: &str) -> String {
    format!("{registry}/hashicorp/aws/{version}/{}", platform())
}

/// A CLI configuration that takes HashiCorp's providers from a folder, and others from their registries.
fn mirror_config(registry: &str, mirror: &Path) -> String {
    let path = mirror.to_string_lossy();
    let path =
        path.replace("${", "$${").replace("%{", "%%{").replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path    = \"{path}\"\n    \
         include = [\"{registry}/hashicorp/*\"]\n  }}\n  direct {{\n    \
         exclude = [\"{registry}/hashicorp/*\"]\n  }}\n}}\n"
    )
}

/// Searches for a mirror with the provider. `None` if the user's own CLI configuration has an installation method.
fn mirror(registry: &str, version: &str) -> Option<PathBuf> {
    let home = variable("HOME").map(PathBuf::from);
    let own = variable("TF_CLI_CONFIG_FILE").map(PathBuf::from);
    // OpenTofu reads the second file if the first does not exist.
    let usual = [".tofurc", ".terraformrc"].map(|it| home.as_ref().map(|home| home.join(it)));
    let mut own =
        own.map_or_else(|| usual.into_iter().flatten().collect(), |it| vec![it]).into_iter();
    if own.any(|it| fs::read_to_string(it).is_ok_and(|it| it.contains("provider_installation"))) {
        return None;
    }
    let home_plugins = home.as_ref().map(|it| it.join(".terraform.d/plugins"));
    let usual = ["/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"];
    let usual = home_plugins.into_iter().chain(usual.map(PathBuf::from));
    // Then the folders where people put files by hand. The home folder comes last, because it is the largest.
    let by_hand = ["/opt", "/usr/local", "/usr/share", "/srv", "/var/lib"].map(PathBuf::from);
    usual.chain(by_hand).chain(home).find_map(|start| search(&start, &place(registry, version)))
}

/// The limits of the search: the depth below a folder, and the number of folders.
const DEPTH: usize = 4;
const FOLDERS: usize = 20_000;

/// Searches `start` and the folders below it, the nearest first, for one that contains `place`.
fn search(start: &Path, place: &str) -> Option<PathBuf> {
    let mut queue = VecDeque::from([(start.to_owned(), 0)]);
    for _ in 0..FOLDERS {
        let (folder, depth) = queue.pop_front()?;
        if folder.join(place).is_dir() {
            return Some(folder);
        }
        if depth == DEPTH {
            continue;
        }
        // Folders that cannot be read are skipped.
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut below: Vec<PathBuf> = entries
            .filter(|it| it.file_type().is_ok_and(|it| it.is_dir()))
            .map(|it| it.path())
            .collect();
        below.sort();
        queue.extend(below.into_iter().map(|it| (it, depth + 1)));
    }
    None
}

/// Terraform's name of this platform.
fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{os}_{arch}")
}

#[cfg(test)]
mod tests;
