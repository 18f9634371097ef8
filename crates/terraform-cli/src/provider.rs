//! Runs one process of the AWS provider for several runs of Terraform.
//!
//! Terraform starts the provider for each command, which takes a second of processor time, and `init` reads the whole
//! provider to check its hash. With `TF_REATTACH_PROVIDERS`, commands connect to a provider that runs already, and
//! `init` leaves it alone.
//! <https://developer.hashicorp.com/terraform/plugin/debugging#debugger-based-debugging>

use std::{
    io,
    os::{
        fd::AsFd as _,
        unix::{net::UnixStream, process::CommandExt as _},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use fs_err as fs;

use super::{CliConfig, Product, Terraform, TerraformError, place, variable};

/// A script that starts the provider, and ends it when the script's stdin closes, even because the process at the other
/// end of the pipe was killed. It sends an interrupt, so that the provider removes its socket. While the provider
/// starts it ignores interrupts, as every program does that a shell starts in the background.
const SCRIPT: &str = r#""$0" -debug </dev/null & provider=$!
read -r _
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -INT $provider 2>/dev/null || exit 0
  sleep 0.1
done
kill -KILL $provider
wait $provider"#;

/// How long the provider may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running provider. It ends when this is dropped and every program with [`Provider::hold`] has ended.
///
/// It has the environment of the [`Terraform`] that started it, so it uses one AWS endpoint and one set of credentials.
/// It has one configuration at a time, so commands that use it run one after another.
#[derive(Debug)]
pub struct Provider {
    shell: Child,
    /// The JSON with which Terraform connects to it.
    address: String,
    /// Its log file, if it is deleted together with this.
    log: Option<PathBuf>,
}

impl Terraform {
    /// Starts the provider. It logs to `provider.log` in `work`. `None` if the provider is not on disk: then each
    /// command starts the provider that Terraform has installed.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or does not print within a minute where it listens.
    pub fn start_provider(&self, work: &Path) -> Result<Option<Provider>, TerraformError> {
        let Some(program) = self.provider_program() else { return Ok(None) };
        fs::create_dir_all(work)?;
        Ok(Some(self.start(program, &work.join("provider.log"))?))
    }

    /// Starts the provider that `terraform init` has installed for a root in the data folder `data`. `init` has
    /// compared its hash with the root's lock file. `None` if `init` has not installed this version.
    ///
    /// # Errors
    ///
    /// As [`Terraform::start_provider`].
    pub fn start_installed_provider(
        &self,
        data: &Path,
    ) -> Result<Option<Provider>, TerraformError> {
        let Some(program) = self.program_in(&data.join("providers")) else { return Ok(None) };
        // The log has a unique name, because two commands may use one root at once.
        let log = data.join(format!("provider-{}.log", std::process::id()));
        let mut provider = self.start(program, &log)?;
        provider.log = Some(log);
        Ok(Some(provider))
    }

    fn start(&self, program: PathBuf, log: &Path) -> Result<Provider, TerraformError> {
        let output = fs::File::create(log)?.into_file();
        let mut command = Command::new("/bin/sh");
        self.prepare(&mut command);
        command.args(["-c", SCRIPT]).arg(&program).stdin(Stdio::piped());
        command.stdout(output.try_clone()?).stderr(output);
        // A provider that is started in this way would otherwise log every request and response.
        command.envs(["TF_LOG_PROVIDER_AWS", "TF_LOG_SDK"].map(|it| (it, "ERROR")));
        // Ctrl-C must only reach the process that started it, because Terraform still needs the provider then.
        command.process_group(0);
        let mut provider = Provider { shell: command.spawn()?, address: String::new(), log: None };
        let began = Instant::now();
        loop {
            let said = fs::read_to_string(log)?;
            if let Some(address) = address(&said) {
                provider.address = addressed(address, self.product);
                return Ok(provider);
            }
            if began.elapsed() > PATIENCE || provider.shell.try_wait()?.is_some() {
                return Err(TerraformError::Provider { program, said });
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs every command with this provider.
    #[must_use]
    pub fn with_provider(self, provider: &Provider) -> Self {
        self.with_environment([provider.variable()])
    }

    /// The path of the provider's program, in the plugin cache or in the mirror.
    fn provider_program(&self) -> Option<PathBuf> {
        let mirror = match &self.cli_config {
            CliConfig::Mirror(_, folder) => Some(folder.clone()),
            CliConfig::Own => None,
        };
        let cache = variable("TF_PLUGIN_CACHE_DIR").map(PathBuf::from);
        let folders = [self.plugin_cache.clone(), cache, mirror].into_iter().flatten();
        folders.filter_map(|it| self.program_in(&it)).next()
    }

    /// The path of the provider's program in a folder of providers.
    fn program_in(&self, folder: &Path) -> Option<PathBuf> {
        let place = place(self.product.registry(), &self.version);
        let name = format!("terraform-provider-aws_v{}", self.version);
        let files = fs::read_dir(folder.join(place)).ok()?.flatten();
        let mut programs = files.filter(|it| it.file_name().to_string_lossy().starts_with(&name));
        programs.next().map(|it| it.path())
    }
}

impl Provider {
    /// The environment variable that makes Terraform use it.
    pub fn variable(&self) -> (&'static str, Option<String>) {
        ("TF_REATTACH_PROVIDERS", Some(self.address.clone()))
    }

    /// Whether it still listens. It may have crashed, or have been killed because memory was short.
    pub fn is_up(&self) -> bool {
        let all: serde_json::Value = serde_json::from_str(&self.address).unwrap_or_default();
        let providers = all.as_object().into_iter().flatten();
        // Like every plugin, a provider in debug mode listens on a socket of this machine.
        providers.into_iter().all(|(_, it)| {
            it["Addr"]["String"].as_str().is_some_and(|it| UnixStream::connect(it).is_ok())
        })
    }

    /// Returns a stdin for a program that does not read it. The provider runs as long as that program does, so a
    /// Terraform that outlives the process that started both can still finish its work.
    ///
    /// # Errors
    ///
    /// If the operating system has no more file descriptors.
    pub fn hold(&self) -> io::Result<Stdio> {
        let Some(input) = &self.shell.stdin else { return Ok(Stdio::null()) };
        Ok(input.as_fd().try_clone_to_owned()?.into())
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
        if let Some(log) = &self.log {
            let _ = fs::remove_file(log);
        }
    }
}

/// The JSON for the program that connects. A provider prints its name in Terraform's registry, but OpenTofu looks for
/// its name in OpenTofu's registry.
/// <https://opentofu.org/docs/cli/config/environment-variables/#tf_reattach_providers>
fn addressed(address: &str, by: Product) -> String {
    let name = |product: Product| format!("\"{}/hashicorp/aws\"", product.registry());
    address.replace(&name(Product::Terraform), &name(by))
}

/// Reads the line that the provider prints when it listens: `TF_REATTACH_PROVIDERS='{…}'`.
fn address(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("TF_REATTACH_PROVIDERS='")?;
    let (address, _) = rest.split_once("'\n")?;
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_when_its_line_is_whole() {
        fn check(said: &str, expected: Option<&str>) {
            assert_eq!(address(said), expected, "{said}");
        }
        check("{\"@level\":\"debug\"}\n", None);
        check(
            "set TF_REATTACH_PROVIDERS environment variable:\n\tTF_REATTACH_PROVIDERS='{\"a\":",
            None,
        );
        check("with:\n\n\tTF_REATTACH_PROVIDERS='{\"a\":1}'\n\n{}", Some("{\"a\":1}"));
    }

    #[test]
    fn each_looks_for_the_provider_by_its_own_name() {
        let said = r#"{"registry.terraform.io/hashicorp/aws":{"Protocol":"grpc"}}"#;
        assert_eq!(addressed(said, Product::Terraform), said);
        let by_tofu = r#"{"registry.opentofu.org/hashicorp/aws":{"Protocol":"grpc"}}"#;
        assert_eq!(addressed(said, Product::OpenTofu), by_tofu);
    }

    /// A program that ignores interrupts, like a provider that is starting, and its shell.
    fn started(folder: &Path) -> (Child, u32) {
        let program = folder.join("provider");
        fs::write(&program, "#!/bin/sh\necho $$ >\"$0.pid\"\nexec sleep 60\n").unwrap();
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SCRIPT]).arg(&program).stdin(Stdio::piped());
        let shell = command.spawn().unwrap();
        (shell, pid_in(&folder.join("provider.pid")))
    }

    /// The id of a process, after it has written the id to a file.
    fn pid_in(file: &Path) -> u32 {
        let began = Instant::now();
        loop {
            let said = fs::read_to_string(file).unwrap_or_default();
            if let Ok(pid) = said.trim().parse() {
                return pid;
            }
            assert!(began.elapsed() < PATIENCE, "it does not start");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn runs(pid: u32) -> bool {
        let kill = Command::new("/bin/sh").args(["-c", &format!("kill -0 {pid}")]).output();
        kill.unwrap().status.success()
    }

    #[track_caller]
    fn ends(shell: &mut Child, pid: u32) {
        let began = Instant::now();
        while shell.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < Duration::from_secs(20), "{pid} still runs");
            thread::sleep(Duration::from_millis(10));
        }
        assert!(!runs(pid), "{pid} still runs");
    }

    #[test]
    fn a_provider_that_ignores_interrupts_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let (mut shell, pid) = started(folder.path());
        drop(shell.stdin.take());
        ends(&mut shell, pid);
    }

    /// Terraform does the same if the process that started both is killed.
    #[test]
    fn a_provider_runs_as_long_as_a_program_that_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let (shell, pid) = started(folder.path());
        let mut provider = Provider { shell, address: String::new(), log: None };
        let mut holds =
            Command::new("sleep").arg("60").stdin(provider.hold().unwrap()).spawn().unwrap();
        drop(provider.shell.stdin.take());
        // Longer than the script waits for the provider to end.
        thread::sleep(Duration::from_secs(3));
        assert!(provider.shell.try_wait().unwrap().is_none() && runs(pid), "{pid} has ended");
        holds.kill().unwrap();
        holds.wait().unwrap();
        ends(&mut provider.shell, pid);
    }
}
