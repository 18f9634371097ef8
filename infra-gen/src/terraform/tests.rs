//! What can be told without Terraform.

use super::*;

#[test]
fn versions_are_read() {
    fn check(version: &str, recent: bool) {
        assert_eq!(is_recent(version), recent, "{version}");
    }
    check("1.10.0", true);
    check("1.11.4", true);
    check("2.0.0-beta1", true);
    check("1.9.8", false);
    check("0.12.31", false);
    check("", false);
}

#[test]
fn a_mirror_is_found_by_what_it_holds() {
    fn check(holds: &str, found: bool) {
        let folder = tempfile::tempdir().unwrap();
        let mirror = folder.path().join("a/b");
        fs::create_dir_all(mirror.join(holds)).unwrap();
        assert_eq!(search(folder.path(), "5.100.0"), found.then_some(mirror), "{holds}");
    }
    let provider = "registry.terraform.io/hashicorp/aws";
    check(&format!("{provider}/5.100.0/{}", platform()), true);
    check(&format!("{provider}/5.99.0/{}", platform()), false);
    check(&format!("{provider}/5.100.0/plan9_mips"), false);
    check("registry.terraform.io/hashicorp/random/5.100.0", false);
}

#[test]
fn what_may_help_follows_from_what_was_said() {
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
        "name a profile by AWS_PROFILE",
    );
    check(
        "Error: Retrieving AWS account details: ... api error ExpiredToken: The security token\n│ is expired",
        "log in again",
    );
    check("Error: AWS account ID not allowed: 111111111111", "another account");
    check("api error AccessDenied: User is not authorized to perform", "use a role that may");
    check("Error: Invalid provider configuration", "");
    check("", "");
}

#[test]
fn paths_are_quoted() {
    let config = mirror_config(Path::new("/a \"b\"/${c}"));
    assert!(config.contains(r#"path    = "/a \"b\"/$${c}""#), "{config}");
}

#[test]
fn variables_are_set_or_not_there() {
    fn check(name: &'static str, value: Option<&str>) {
        let terraform = Terraform {
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
    // Over what is set for every command.
    check("TF_INPUT", Some("1"));
}
