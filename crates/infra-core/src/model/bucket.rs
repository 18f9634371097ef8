//! Private S3 buckets: for Terraform's state, and for the artifacts of a pipeline.

use std::{marker::PhantomData, panic::Location};

use super::{
    expr::{Address, Body, Term},
    limits::ObjectDays,
    name::Id,
    role,
    stack::{Handle, Kind, Meta, Module, attribute},
    statement::Statement,
};

/// A private, versioned, encrypted bucket. The type `O` says which objects it holds.
pub struct Bucket<O>(PhantomData<fn() -> O>);

/// The objects of a bucket with the states of Terraform.
pub enum States {}

/// The objects of a bucket for the builds of a pipeline: its artifacts, and caches.
pub enum Artifacts {}

impl<O: 'static> Kind for Bucket<O> {
    const TF_TYPE: &'static str = "aws_s3_bucket";
    const LABEL: &'static str = "bucket";
    type Facts = ();
    const HAS_A_PAYLOAD: bool = true;
}

/// The lifecycle of a bucket's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// S3 deletes replaced and deleted versions after this number of days. Current versions stay.
    OldVersions(ObjectDays),
    /// S3 deletes every object this number of days after it was written.
    Everything(ObjectDays),
}

impl Module<'_> {
    /// Adds a bucket by its full name, because the names of buckets are unique among all accounts.
    ///
    /// It is encrypted with keys of S3, as Terraform's backend requires with `encrypt`.
    /// <https://developer.hashicorp.com/terraform/language/backend/s3>
    #[track_caller]
    pub fn private_bucket<O: 'static>(
        &mut self,
        id: Id,
        name: &str,
        expiry: Expiry,
    ) -> Handle<Bucket<O>> {
        let own = self.enter(id);
        let bucket: Handle<Bucket<O>> = self.add(
            id,
            (),
            Body::map([("bucket", name.to_owned().into()), ("force_destroy", false.into())]),
        );
        let one = |fields: Vec<(&'static str, Body)>| Body::List(vec![Body::map(fields)]);
        self.bucket_part(
            &bucket,
            "aws_s3_bucket_ownership_controls",
            "Every object belongs to the owner of the bucket: access lists are off.",
            vec![("rule", one(vec![("object_ownership", "BucketOwnerEnforced".into())]))],
        );
        let versioning = self.bucket_part(
            &bucket,
            "aws_s3_bucket_versioning",
            "Keeps earlier versions, so that an overwritten or deleted object can be restored.",
            vec![("versioning_configuration", one(vec![("status", "Enabled".into())]))],
        );
        let algorithm = one(vec![("sse_algorithm", "AES256".into())]);
        self.bucket_part(
            &bucket,
            "aws_s3_bucket_server_side_encryption_configuration",
            "Encrypts every object at rest.",
            vec![("rule", one(vec![("apply_server_side_encryption_by_default", algorithm)]))],
        );
        let shut = self.bucket_part(
            &bucket,
            "aws_s3_bucket_public_access_block",
            "No policy and no access list can open it to the public.",
            vec![
                ("block_public_acls", true.into()),
                ("block_public_policy", true.into()),
                ("ignore_public_acls", true.into()),
                ("restrict_public_buckets", true.into()),
            ],
        );
        let policy = role::policy_document(
            self.stack,
            bucket.address().module(),
            &format!("{}_bucket", own),
            "Refuses reads and writes without TLS.".to_owned(),
            vec![tls_only(&bucket)],
            Location::caller(),
        );
        let body = Body::map([
            ("bucket", bucket.attribute("id").into()),
            ("policy", attribute(&policy, "policy", "json").into()),
        ]);
        // S3 refuses concurrent changes of a bucket's access.
        let meta = Meta { depends_on: [shut].into(), ..Meta::default() };
        self.push("aws_s3_bucket_policy", own, "Puts the policy on the bucket.", body, meta);
        let body = Body::map([
            ("bucket", bucket.attribute("id").into()),
            ("rule", Body::List(rules(expiry))),
        ]);
        let meta = Meta { depends_on: [versioning].into(), ..Meta::default() };
        let doc = "Keeps the bucket from growing for ever.";
        self.push("aws_s3_bucket_lifecycle_configuration", own, doc, body, meta);
        bucket
    }

    /// Adds a resource with one setting of a bucket.
    #[track_caller]
    fn bucket_part<O: 'static>(
        &mut self,
        bucket: &Handle<Bucket<O>>,
        tf_type: &'static str,
        doc: &str,
        fields: Vec<(&'static str, Body)>,
    ) -> Address {
        let body = Body::map(fields).with("bucket", Some(bucket.attribute("id")));
        self.push(tf_type, bucket.address().name(), doc, body, Meta::default())
    }
}

fn tls_only<O: 'static>(bucket: &Handle<Bucket<O>>) -> Body {
    let everyone = Body::map([("type", "*".into()), ("identifiers", Body::list(["*"]))]);
    let plain = Body::map([
        ("test", "Bool".into()),
        ("variable", "aws:SecureTransport".into()),
        ("values", Body::list(["false"])),
    ]);
    Body::map([
        ("sid", "TlsOnly".into()),
        ("effect", "Deny".into()),
        ("actions", Body::list(["s3:*"])),
        ("resources", Body::list([bucket.attribute("arn"), bucket.objects("*")])),
        ("principals", Body::List(vec![everyone])),
        ("condition", Body::List(vec![plain])),
    ])
}

fn rules(expiry: Expiry) -> Vec<Body> {
    let rule = |id: &'static str, fields: Vec<(&'static str, Body)>| {
        let every_object = Body::map([("prefix", "".into())]);
        Body::map(fields)
            .with("id", Some(id))
            .with("status", Some("Enabled"))
            .with("filter", Some(Body::List(vec![every_object])))
    };
    let one = |name: &'static str, value: Body| Body::List(vec![Body::map([(name, value)])]);
    let (current, old) = match expiry {
        Expiry::OldVersions(days) => (None, days),
        Expiry::Everything(days) => (Some(days), days),
    };
    let mut rules = vec![rule(
        "old-versions",
        vec![("noncurrent_version_expiration", one("noncurrent_days", old.into()))],
    )];
    if let Some(days) = current {
        rules.push(rule("everything", vec![("expiration", one("days", days.into()))]));
    }
    rules.push(rule(
        "broken-uploads",
        vec![("abort_incomplete_multipart_upload", one("days_after_initiation", 7u32.into()))],
    ));
    rules
}

impl<O: 'static> Handle<Bucket<O>> {
    /// The ARN of all objects whose keys begin with a prefix.
    pub(in crate::model) fn objects(&self, key: &str) -> Term {
        Term::concat([self.attribute("arn"), Term::Text(format!("/{key}"))])
    }

    /// Rights on the bucket itself.
    pub(in crate::model) fn rights(&self, actions: &[&'static str]) -> Statement {
        Statement::new(actions, [self.attribute("arn")])
    }

    /// Rights on objects whose keys begin with a prefix.
    pub(in crate::model) fn object_rights(&self, key: &str, actions: &[&'static str]) -> Statement {
        Statement::new(actions, [self.objects(key)])
    }
}
