//! What the two functions promise.

use contracts::{
    contract,
    env::Access,
    env_contract,
    error::NoError,
    error_names,
    event::{ObjectCreated, SqsBatchResponse, SqsEvent},
    kind::{GetObject, PutObject, StartExecution, StateMachine},
    payload,
};
use infra_gen::model::bucket::Bucket;

payload! {
    /// An image, and the thumbnails that it is to have.
    pub struct Image, at ImageAt {
        /// Its key in the bucket of originals.
        key: String,
        /// One for each size.
        thumbnails: Vec<Thumbnail>,
    }
}

payload! {
    /// A thumbnail to be made.
    pub struct Thumbnail, at ThumbnailAt {
        /// The original.
        source: String,
        /// Where it goes.
        target: String,
        /// Pixels.
        width: u32,
    }
}

payload! {
    /// A thumbnail that was made.
    pub struct Made, at MadeAt {
        /// Its key.
        target: String,
        /// Its bytes.
        bytes: u64,
    }
}

contract! {
    /// Starts an execution for each image that was uploaded.
    pub enum Start = "start":
    SqsEvent<ObjectCreated> => SqsBatchResponse, raises NoError, reads StartEnv
}

env_contract! {
    /// Environment of [`Start`].
    pub struct StartEnv {
        /// Started for each image.
        THUMBNAIL_MACHINE_ARN => machine: Access<StateMachine<Image>, StartExecution>,
    }
}

contract! {
    /// Makes one thumbnail.
    pub enum Resize = "resize":
    Thumbnail => Made, raises ResizeError, reads ResizeEnv
}

error_names! {
    /// What [`Resize`] raises on purpose.
    pub enum ResizeError {
        /// It is no image, or none that can be read.
        NoImage,
    }
}

env_contract! {
    /// Environment of [`Resize`].
    pub struct ResizeEnv {
        /// Read.
        ORIGINALS_BUCKET => originals: Access<Bucket, GetObject>,
        /// Written.
        THUMBNAILS_BUCKET => thumbnails: Access<Bucket, PutObject>,
    }
}
