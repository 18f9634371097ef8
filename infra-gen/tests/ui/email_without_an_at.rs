//! An e-mail address without a host.

use infra_gen::config::Email;

const ADDRESS: Email = Email::new("orders-oncall.dofs.example");

fn main() {}
