//! S3 in the emulator, as far as it takes no client of AWS.

use crate::{
    account::Account,
    call::{CallError, Service},
};

/// By this name, `keep.py` knows who takes a lock.
const LOCKS: &str = "local-aws";

/// A bucket in an emulator that runs.
#[derive(Debug, Clone)]
pub struct Bucket {
    s3: Service,
    name: String,
}

impl Bucket {
    /// By its name, in the emulator at this endpoint.
    pub fn at(endpoint: &str, account: &Account, name: &str) -> Self {
        Bucket { s3: Service::at(endpoint, account, "s3"), name: name.to_owned() }
    }

    /// Makes it. One that is there already will do.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
    pub fn make(&self) -> Result<(), CallError> {
        // That region, and only that, must not be named.
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

    /// Puts a text there.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
    pub fn put(&self, key: &str, text: &str) -> Result<(), CallError> {
        let what = self.what("put", key);
        match self.s3.put(&what, &self.path(key), &[], text)? {
            (200..300, _) => Ok(()),
            (status, said) => Err(self.s3.refused(&what, format!("{status} {said}"))),
        }
    }

    /// Puts a text there, unless there is one. Says whether it did. Where it is the lock of Terraform's state, nothing is
    /// saved as long as it is there, as while Terraform works.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
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

    /// The text that is there.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
    pub fn get(&self, key: &str) -> Result<Option<String>, CallError> {
        let what = self.what("get", key);
        match self.s3.get(&what, &self.path(key))? {
            (200, text) => Ok(Some(text)),
            (404, _) => Ok(None),
            (status, said) => Err(self.s3.refused(&what, format!("{status} {said}"))),
        }
    }

    /// Takes away what is there, if anything is.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
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
