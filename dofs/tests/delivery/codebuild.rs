//! A small CodeBuild, with what the build specs need: one shell for all commands, artifacts, variables, and the credentials of
//! the build's role.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use infra_core::render::buildspec::{Artifacts, BuildSpec};
use local_aws::Session;

/// The server from which a container gets the credentials of its build's role.
pub(crate) struct Keys {
    /// The value of `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub(crate) url: String,
    asked: Arc<AtomicUsize>,
    given: Arc<Mutex<String>>,
}

impl Keys {
    /// Serves no credentials before [`Keys::give`].
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let given = Arc::new(Mutex::new(String::new()));
        let (counter, answer) = (asked.clone(), given.clone());
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                lines.map_while(Result::ok).take_while(|it| !it.is_empty()).for_each(drop);
                counter.fetch_add(1, Ordering::Relaxed);
                let body = answer.lock().unwrap().clone();
                let length = body.len();
                // A client that disconnects will ask again.
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                     Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
            }
        });
        Keys { url, asked, given }
    }

    /// Serves the credentials of this session from now on.
    pub(crate) fn give(&self, session: &Session) {
        let body = serde_json::json!({
            "AccessKeyId": session.key,
            "SecretAccessKey": session.secret,
            "Token": session.token,
            "Expiration": "2099-01-01T00:00:00Z",
        });
        *self.given.lock().unwrap() = body.to_string();
    }

    /// Returns the number of requests since the last call.
    pub(crate) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::Relaxed)
    }
}

/// The result of a build.
pub(crate) struct Build {
    pub(crate) success: bool,
    pub(crate) said: String,
    /// The variables that it exports.
    pub(crate) exported: BTreeMap<String, String>,
}

/// Runs the commands of a build spec in a folder, in one shell, until one of them fails.
pub(crate) fn play(
    spec: &BuildSpec,
    source: &Path,
    environment: &[(String, Option<String>)],
) -> Build {
    let phases = &spec.phases;
    let all = [&phases.install, &phases.pre_build, &phases.build, &phases.post_build];
    let commands = all.into_iter().flatten().flat_map(|it| &it.commands);
    // A build fails if it finds a file that is not in its input.
    let folder = source.with_extension("commands");
    fs::create_dir_all(&folder).unwrap();
    let mut script = String::new();
    for (at, command) in commands.enumerate() {
        let file = folder.join(format!("{at}.sh"));
        fs::write(&file, format!("{command}\n")).unwrap();
        script.push_str(&format!(". {} || exit 1\n", file.display()));
    }
    let exports = folder.join("exported");
    for name in &spec.env.exported_variables {
        script.push_str(&format!("echo {name}=\"${name}\" >> {}\n", exports.display()));
    }
    let _ = fs::remove_file(&exports);
    let mut bash = Command::new("bash");
    bash.arg("-c")
        .arg(format!("exec 2>&1\nPATH=\"$SUBSTITUTED:$PATH\"\n{script}"))
        .current_dir(source)
        .envs(&spec.env.variables);
    for (name, value) in environment {
        match value {
            Some(value) => bash.env(name, value),
            None => bash.env_remove(name),
        };
    }
    let output = bash.output().unwrap();
    let exported = fs::read_to_string(&exports).unwrap_or_default();
    let exported = exported.lines().filter_map(|it| it.split_once('='));
    Build {
        success: output.status.success(),
        said: String::from_utf8_lossy(&output.stdout).into_owned(),
        exported: exported.map(|(name, it)| (name.to_owned(), it.to_owned())).collect(),
    }
}

/// Copies the artifact of a build to a new folder.
pub(crate) fn artifact(artifacts: &Artifacts, source: &Path, target: &Path) -> PathBuf {
    let mut files = Vec::new();
    list(source, source, &mut files);
    for path in files {
        let kept = artifacts.files.iter().any(|it| fits(it, &path));
        if kept && !artifacts.exclude_paths.iter().any(|it| fits(it, &path)) {
            let to = target.join(&path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(source.join(&path), to).unwrap();
        }
    }
    target.to_owned()
}

fn list(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        // Leave out Terraform's link to its provider.
        if kind.is_dir() {
            list(root, &path, files);
        } else if kind.is_file() {
            files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// `**` stands for any folders, `*` for any name.
fn fits(pattern: &str, path: &str) -> bool {
    fn parts(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern, path) {
            ([], []) => true,
            (["**", rest @ ..], _) => (0..=path.len()).any(|it| parts(rest, &path[it..])),
            ([first, rest @ ..], [name, more @ ..]) => {
                (*first == "*" || first == name) && parts(rest, more)
            }
            _ => false,
        }
    }
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    parts(&pattern, &path)
}

#[test]
fn path_patterns_match_as_in_codebuild() {
    fn check(pattern: &str, path: &str, expected: bool) {
        assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
    }
    check("generated/**/*", "generated/dev/main.tf.json", true);
    check("generated/**/*", "generated/a", true);
    check("generated/**/*", "target/a", false);
    check("target/debug/dofs", "target/debug/dofs", true);
    check("generated/**/.terraform/**/*", "generated/dev/.terraform/a/b", true);
    check("generated/**/.terraform/**/*", "generated/dev/main.tf.json", false);
}
