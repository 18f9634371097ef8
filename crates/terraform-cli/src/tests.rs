//! Tests that need no Terraform.

use super::*;

#[test]
fn a_mirror_is_found_by_its_content() {
    fn check(holds: &str, found: bool) {
        let folder = tempfile::tempdir().unwrap();
        let mirror = folder.path().join("a/b");
        fs::create_dir_all(mirror.join(holds)).unwrap();
        let place = place("registry.terraform.io", "5.100.0");
        assert_eq!(search(folder.path(), &place), found.then_some(mirror), "{holds}");
    }
    let provider = "registry.terraform.io/hashicorp/aws";
    check(&format!("registry.opentofu.org/hashicorp/aws/5.100.0/{}", platform()), false);
    check(&format!("{provider}/5.100.0/{}", platform()), true);
    check(&format!("{provider}/5.99.0/{}", platform()), false);
    check(&format!("{provider}/5.100.0/plan9_mips"), false);
    check("registry.terraform.io/hashicorp/random/5.100.0", false);
}

#[test]
fn the_fix_follows_from_the_output_of_terraform() {
    fn check(said: &str, expected: &str) {
        let fix = fix(said);
        assert!(fix.contains(expected) && fix.is_empty() == expected.is_empty(), "{said}: {fix}");
    }
    check("Error: Failed to query available provider packages", "filesystem mirror");
    check("│ Error: Failed to\n│ install provider\n│ 503", "filesystem mirror");
    check(
        "Error: Failed to get existing workspaces: S3 bucket \"dofs-state\" does not\n│ exist.",
        "run `dofs bootstrap`",
    );
    check("│ Error: Backend configuration changed\n│ \n│ A change in the backend", "-reconfigure");
    check("Error: Error acquiring the state\n│ lock", "force-unlock");
    check(
        "Error: No valid credential sources found\n\n  no EC2 IMDS role found",
        "set AWS_PROFILE to a profile",
    );
    check(
        "Error: Retrieving AWS account details: ... api error ExpiredToken: The security token\n│ is expired",
        "log in again",
    );
    check("Error: AWS account ID not allowed: 111111111111", "another account");
    check("api error AccessDenied: User is not authorized to perform", "use a role that has");
    check("Error: Invalid provider configuration", "");
    check("", "");
}

#[test]
fn paths_are_quoted() {
    let config = mirror_config("registry.opentofu.org", Path::new("/a \"b\"/${c}"));
    assert_eq!(config.matches("registry.opentofu.org/hashicorp/*").count(), 2, "{config}");
    assert!(config.contains(r#"path    = "/a \"b\"/$${c}""#), "{config}");
}

#[test]
fn variables_are_set_or_not_there() {
    fn check(name: &'static str, value: Option<&str>) {
        let terraform = Terraform {
            program: "terraform".into(),
            product: Product::Terraform,
            release: "1.12.1".to_owned(),
            version: "1.2.3".to_owned(),
            cli_config: CliConfig::Own,
            plugin_cache: None,
            environment: vec![("AWS_PROFILE", Some("other".to_owned()))],
        };
        let terraform = terraform.with_environment([(name, value.map(str::to_owned))]);
        let command = terraform.base();
        let found = command.get_envs().find(|it| it.0 == name).unwrap().1;
        assert_eq!(found, value.map(str::as_ref), "{name}");
    }
    check("AWS_REGION", Some("ap-south-1"));
    check("AWS_PROFILE", None);
    // It overrides the value that is set for every command.
    check("TF_INPUT", Some("1"));
}

/// A program that says of itself what `tofu` does, and notes how it is called.
fn tofu(folder: &Path) -> PathBuf {
    let program = folder.join("tofu");
    let script = "#!/bin/sh\n\
        if [ \"$1\" = version ]; then\n\
          printf 'OpenTofu v1.10.6\\non linux_amd64\\n'\n\
        else\n\
          printf '%s\\n' \"$*\" \"$TF_DATA_DIR\" \"$TF_PLUGIN_CACHE_DIR\"\n\
          [ \"$1\" != plan ]\n\
        fi\n";
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    program
}

#[test]
fn opentofu_is_run_as_terraform_is() {
    let folder = tempfile::tempdir().unwrap();
    let (work, cache) = (folder.path().join("work"), folder.path().join("cache"));
    let tofu = Terraform::find_at(tofu(folder.path()), "5.100.0", &work).unwrap();
    assert_eq!((tofu.product(), tofu.release()), (Product::OpenTofu, "1.10.6"));
    // No mirror of Terraform's serves it.
    assert!(!tofu.has_mirror());
    let said = tofu.run(folder.path(), &work, &["init", "-backend=false"]).unwrap();
    assert!(said.starts_with("init -backend=false\n"), "{said}");
    let err = tofu.run(folder.path(), &work, &["plan"]).unwrap_err().to_string();
    assert!(err.starts_with(&format!("`{}/tofu plan` failed", folder.path().display())), "{err}");
    // The cache holds what its own registry has.
    let own = cache.join(place("registry.opentofu.org", "5.100.0"));
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("terraform-provider-aws_v5.100.0"), "").unwrap();
    fs::write(
        cache.join(place("registry.opentofu.org", "5.100.0").replace('/', "-") + ".whole"),
        "",
    )
    .unwrap();
    let tofu = tofu.with_plugin_cache(&cache).unwrap();
    let said = tofu.run(folder.path(), &work, &["init"]).unwrap();
    assert!(said.contains(&cache.display().to_string()), "{said}");
    assert!(fs::read_dir(&cache).unwrap().count() > 1);
}

#[test]
fn a_program_that_is_neither_product_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let check = |says: &str, words: &[&str]| {
        let program = folder.path().join("program");
        fs::write(&program, format!("#!/bin/sh\nprintf '{says}'\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&program, mode).unwrap();
        let err = Terraform::find_at(program, "5.100.0", folder.path()).unwrap_err().to_string();
        assert!(words.iter().all(|it| err.contains(it)), "{err}");
    };
    let due = "but Terraform or OpenTofu 1.10 or newer is required";
    check("Terraform v1.9.8\\n", &["prints \"Terraform v1.9.8\"", due, "hashicorp.com"]);
    check("OpenTofu v1.9.1\\n", &["prints \"OpenTofu v1.9.1\"", due, "opentofu.org"]);
    check("Terragrunt v0.50.0\\n", &[due]);
    check("", &["prints \"\"", due]);
    let none = folder.path().join("none");
    let err = Terraform::find_at(none, "5.100.0", folder.path()).unwrap_err().to_string();
    assert!(err.contains("/none` cannot be run (") && err.contains("DOFS_TERRAFORM"), "{err}");
}
