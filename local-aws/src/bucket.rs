//! Buckets in the emulator. A few calls of S3 do not need a client of AWS.

use crate::{
    account::Account,
    call::{CallError, Service},
};

/// The user agent by which `keep.py` recognizes the owner of a lock.
const LOCKS: &str = "local-aws";

/// A bucket in a running emulator.
#[derive(Debug, Clone)]
pub struct Bucket {
    s3: Service,
    name: String,
}

impl Bucket {
    /// Returns the bucket with this name, in the emulator at this endpoint.
    pub fn at(endpoint: &str, account: &Account, name: &str) -> Self {
        Bucket { s3: Service::at(endpoint, account, "s3"), name: name.to_owned() }
    }

    /// Creates the bucket, if it does not exist.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub fn make(&self) -> Result<(), CallError> {
        // S3 rejects a location constraint for us-east-1, and requires one for every other region.
        let place = match self.s3.account().region.as_str() {
            "us-east-1" => String::new(),
            region => format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let what = self.what("make", "");
        match self.s3.put(&what, &self.path(""), &[], &place)? {
            (200..300, _) => Ok(()),
            (_, said) if said.contains("BucketAlreadyOwnedByYou") => Ok(()),
            (status, said) => Err(self.s3.refused(&what, format!("{status} {said}"))),
        }
    }

    /// Writes an object.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub fn put(&self, key: &str, text: &str) -> Result<(), CallError> {
        let what = self.what("put", key);
        match self.s3.put(&what, &self.path(key), &[], text)? {
            (200..300, _) => Ok(()),
            (status, said) => Err(self.s3.refused(&what, format!("{status} {said}"))),
        }
    }

    /// Writes an object if it does not exist. Returns whether it did. If the object is the lock of Terraform's state, the
    /// emulator saves nothing while it exists, as while Terraform works.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub fn put_new(&self, key: &str, text: &str) -> Result<bool, CallError> {
        let what = self.what("put", key);
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        let headers = [("If-None-Match", "*"), ("User-Agent", LOCKS)];
        match self.s3.put(&what, &self.path(key), &headers, text)? {
            (200..300, _) => Ok(true),
            (409 | 412, _) => Ok(false),
            (status, said) => Err(self.s3.refused(&what, format!("{status} {said}"))),
        }
    }

    /// Reads an object. `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub fn get(&self, key: &str) -> Result<Option<String>, CallError> {
        let what = self.what("get", key);
        match self.s3.get(&what, &self.path(key))? {
            (200, text) => Ok(Some(text)),
            (404, _) => Ok(None),
            (status, said) => Err(self.s3.refused(&what, format!("{status} {said}"))),
        }
    }

    /// Deletes an object, if it exists.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub fn delete(&self, key: &str) -> Result<(), CallError> {
        let what = self.what("delete", key);
        match self.s3.delete(&what, &self.path(key))? {
            (200..300 | 404, _) => Ok(()),
            (status, said) => Err(self.s3.refused(&what, format!("{status} {said}"))),
        }
    }

    fn path(&self, key: &str) -> String {
        format!("{}/{key}", self.name)
    }

    fn what(&self, verb: &str, key: &str) -> String {
        format!("{verb} {}/{key}", self.name)
    }
}
