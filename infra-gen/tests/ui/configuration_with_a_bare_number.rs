//! A plain number in the configuration, past the check of its range.

use infra_gen::config::Config;

fn wrong(dev: Config) -> Config {
    Config { memory: 256, ..dev }
}

fn main() {}
