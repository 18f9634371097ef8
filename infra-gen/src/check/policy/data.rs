//! What is kept: keys and tables.

use serde_json::Value;

use super::{Block, Blocks, Broken, Policy, Severity, each, is_set, many};
use crate::model::policy::{Posture, Rule};

pub(super) const RULES: &[Policy] = &[
    Policy {
        rule: Rule::KeyRotation,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "a key that leaked once would open everything for ever",
        fix: "set enable_key_rotation",
        page: "CIS AWS Foundations 3.0.0, 3.6",
        also: &["CKV_AWS_7", "KMS5"],
        find: |blocks| {
            each(blocks, "aws_kms_key", "it is never rotated", |it| {
                it.body["enable_key_rotation"] == true
            })
        },
    },
    Policy {
        rule: Rule::KeyEnabled,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "what is encrypted with it can never be read again",
        fix: "take is_enabled away",
        page: "https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html",
        also: &["CKV_AWS_227"],
        find: |blocks| {
            each(blocks, "aws_kms_key", "it is switched off", |it| it.body["is_enabled"] != false)
        },
    },
    Policy {
        rule: Rule::KeyAccountWide,
        severity: Severity::High,
        from: Posture::Development,
        reason: "every role of the account with kms:* in its own policy reads what it encrypts, \
                 past the service that it is for",
        fix: "allow the keeping of the key by name, and its use by kms:ViaService",
        page: "https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html",
        also: &["CKV2_AWS_64", "CKV2_AWS_75"],
        find: key_account_wide,
    },
    Policy {
        rule: Rule::TableRecovery,
        severity: Severity::High,
        from: Posture::Development,
        reason: "a wrong write could not be undone",
        fix: "enable point_in_time_recovery",
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
        also: &["CKV_AWS_28", "DDB3"],
        find: |blocks| {
            each(blocks, "aws_dynamodb_table", "it has no backups", |it| {
                it.body["point_in_time_recovery"][0]["enabled"] == true
            })
        },
    },
    Policy {
        rule: Rule::TableDeletion,
        severity: Severity::High,
        from: Posture::Production,
        reason: "one wrong apply would delete every order",
        fix: "set deletion_protection_enabled",
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
        also: &[],
        find: |blocks| {
            each(blocks, "aws_dynamodb_table", "AWS would delete it when asked", |it| {
                it.body["deletion_protection_enabled"] == true
            })
        },
    },
    Policy {
        rule: Rule::TableEncryption,
        severity: Severity::Medium,
        from: Posture::Production,
        reason: "with AWS's own key no log shows who reads, and access cannot be withdrawn",
        fix: "encrypt it with a customer key (Keys::Customer)",
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html",
        also: &["CKV_AWS_119"],
        find: |blocks| {
            each(blocks, "aws_dynamodb_table", "no key of ours encrypts it", |it| {
                let encryption = &it.body["server_side_encryption"][0];
                encryption["enabled"] == true && is_set(&encryption["kms_key_arn"])
            })
        },
    },
    Policy {
        rule: Rule::TableCapacity,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "a fixed capacity refuses orders on the first busy day",
        fix: "bill it PAY_PER_REQUEST",
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html",
        also: &["CKV2_AWS_16"],
        find: |blocks| {
            each(blocks, "aws_dynamodb_table", "its capacity is fixed", |it| {
                it.body["billing_mode"] == "PAY_PER_REQUEST"
            })
        },
    },
];

/// A key without a policy has AWS's default one, which is account-wide.
fn key_account_wide(blocks: &Blocks) -> Vec<Broken> {
    let wide = |it: &Block| {
        let policy = it.body.policy();
        if policy.is_null() {
            return true;
        }
        many(&policy["Statement"]).iter().any(|it| {
            let everything = |it: &Value| it.as_str().is_some_and(|it| it.contains('*'));
            it["Effect"] == "Allow"
                && many(&it["Action"]).iter().any(everything)
                && it["Condition"].is_null()
        })
    };
    each(blocks, "aws_kms_key", "its policy lets the whole account use it", |it| !wide(it))
}
