//! A root under the roles of its deployment, on an emulator that evaluates IAM.

use std::{
    fs,
    path::{Path, PathBuf},
};

use infra_core::model::delivery::rights::Does;
use infra_gen::{
    config::{Environment, delivery::DELIVERY},
    topology::bootstraps,
};
use local_aws::{Account, Emulator, Session};
use terraform_cli::Terraform;

/// The roles of an environment's account, and whoever may assume them.
pub(crate) struct Roles {
    environment: Environment,
    account: Account,
    /// The file from which Terraform and its provider read their credentials, for each command anew.
    config: PathBuf,
    builds: Vec<(Does, Session)>,
}

impl Roles {
    /// Variables by which Terraform has the credentials of a configuration file, and no others.
    pub(crate) fn variables(
        emulator: &Emulator,
        config: &Path,
    ) -> [(&'static str, Option<String>); 5] {
        [
            // Terraform's backend asks the real STS otherwise.
            ("AWS_ENDPOINT_URL_STS", Some(emulator.endpoint())),
            ("AWS_CONFIG_FILE", Some(config.display().to_string())),
            ("AWS_PROFILE", Some("target".to_owned())),
            ("AWS_ACCESS_KEY_ID", None),
            ("AWS_SECRET_ACCESS_KEY", None),
        ]
    }

    /// Applies the account's root as an administrator, whom IAM judges as it does everybody else, and makes the builds' roles
    /// in the pipeline's account. `terraform` has [`Roles::variables`].
    pub(crate) fn make(
        emulator: &Emulator,
        terraform: &Terraform,
        work: &Path,
        config: PathBuf,
        environment: Environment,
    ) -> Self {
        let found = bootstraps().into_iter().find(|it| it.environments.contains(&environment));
        let found = found.unwrap();
        let account = Account {
            id: found.account.as_str().to_owned(),
            region: found.backend.region.to_owned(),
        };
        let administrator = emulator.administrator(&account).unwrap();
        fs::write(&config, administrator.profile("target")).unwrap();
        let root = work.join("account");
        super::copy(&super::committed(&format!("bootstrap/{}", found.name)), &root);
        // `dofs bootstrap` begins with the state in a file, too.
        fs::remove_file(root.join("backend.tf.json")).unwrap();
        let data = work.join("account-data");
        for args in [&["init"][..], &["apply", "-auto-approve", "-parallelism=20"]] {
            let said = terraform.run(&root, &data, args);
            said.unwrap_or_else(|err| panic!("{err}"));
        }
        let pipeline = Account {
            id: DELIVERY.account.as_str().to_owned(),
            region: DELIVERY.region.as_str().to_owned(),
        };
        let builds = [Does::Plan, Does::Apply].map(|does| {
            let name = format!("dofs-cicd-{}-{environment}", does.as_str());
            let principal = r#"{"Service":"codebuild.amazonaws.com"}"#;
            let trust = format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}}}"#
            );
            let policy = format!(
                r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{}"}}}}"#,
                arn(&account, does, environment)
            );
            emulator.make_role(&pipeline, &name, &trust, &policy).unwrap();
            (does, emulator.assume(&pipeline, &name, "build").unwrap())
        });
        Roles { environment, account, config, builds: builds.into() }
    }

    /// From here on, Terraform calls as the role that does this.
    pub(crate) fn take(&self, does: Does) {
        let (_, build) = self.builds.iter().find(|it| it.0 == does).unwrap();
        let role = arn(&self.account, does, self.environment);
        build.write_chain(&self.config, &role, "test").unwrap();
    }
}

fn arn(account: &Account, does: Does, environment: Environment) -> String {
    format!("arn:aws:iam::{}:role/dofs-delivery-{}-{environment}", account.id, does.as_str())
}
