//! Tools that a build machine may lack, each by its version and the hash of its file.

use infra_core::render::buildspec::Command;

/// rustup, which installs the toolchain of rust-toolchain.toml.
pub(super) fn rust() -> Vec<Command> {
    vec![
        const {
            Command::script(
                r#"command -v rustup || {
  case "$(uname -m)" in
    x86_64) sum=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c ;;
    aarch64) sum=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c ;;
    *) sum="none for $(uname -m)" ;;
  esac
  curl -fsSL --retry 3 -o /tmp/rustup-init \
    "https://static.rust-lang.org/rustup/archive/1.28.2/$(uname -m)-unknown-linux-gnu/rustup-init" &&
    echo "$sum  /tmp/rustup-init" | sha256sum --check --quiet &&
    chmod +x /tmp/rustup-init &&
    /tmp/rustup-init -y --profile minimal --default-toolchain none --no-modify-path
}"#,
            )
        },
        const { Command::line(r#"export PATH="$HOME/.cargo/bin:$PATH""#) },
        const { Command::line("rustup toolchain install") },
    ]
}

/// Terraform.
pub(super) fn terraform() -> Vec<Command> {
    vec![
        const {
            Command::script(
                r#"command -v terraform || {
  case "$(uname -m)" in
    x86_64) arch=amd64 sum=1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc ;;
    aarch64) arch=arm64 sum=a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633 ;;
    *) arch="$(uname -m)" sum=none ;;
  esac
  mkdir -p "$HOME/.local/bin" &&
    curl -fsSL --retry 3 -o /tmp/terraform.zip \
      "https://releases.hashicorp.com/terraform/1.11.4/terraform_1.11.4_linux_$arch.zip" &&
    echo "$sum  /tmp/terraform.zip" | sha256sum --check --quiet &&
    unzip -oq /tmp/terraform.zip terraform -d "$HOME/.local/bin"
}"#,
            )
        },
        const { Command::line(r#"export PATH="$HOME/.local/bin:$PATH""#) },
    ]
}
