//! The contracts of the two functions.

use function_contract::{
    contract,
    env::Access,
    env_contract,
    error::NoError,
    error_names,
    event::{ObjectCreated, SqsBatchResponse, SqsEvent},
    kind::{GetObject, PutObject, StartExecution, StateMachine},
    payload,
};
use infra_core::model::bucket::Bucket;

/// Images as they were uploaded: the objects of a bucket.
pub enum Originals {}

/// Thumbnails of images: the objects of a bucket.
pub enum Thumbnails {}

payload! {
    /// An image and the thumbnails to make of it.
    pub struct Image, at ImageAt {
        /// The image's key in the bucket of originals.
        key: String,
        /// The thumbnails, one for each size.
        thumbnails: Vec<Thumbnail>,
    }
}

payload! {
    /// A thumbnail to be made.
    pub struct Thumbnail, at ThumbnailAt {
        /// The key of the image.
        source: String,
        /// The key of the thumbnail.
        target: String,
        /// The width in pixels.
        width: u32,
    }
}

payload! {
    /// A thumbnail that was made.
    pub struct Made, at MadeAt {
        /// The key of the thumbnail.
        target: String,
        /// The size in bytes.
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
        /// An execution is started for each image.
        THUMBNAIL_MACHINE_ARN => machine: Access<StateMachine<Image>, StartExecution>,
    }
}

contract! {
    /// Makes one thumbnail.
    pub enum Resize = "resize":
    Thumbnail => Made, raises ResizeError, reads ResizeEnv
}

error_names! {
    /// The errors that [`Resize`] raises on purpose.
    pub enum ResizeError {
        /// The object is not a readable image.
        NoImage,
    }
}

env_contract! {
    /// Environment of [`Resize`].
    pub struct ResizeEnv {
        /// The images are read from this bucket.
        ORIGINALS_BUCKET => originals: Access<Bucket<Originals>, GetObject>,
        /// The thumbnails are written to this bucket.
        THUMBNAILS_BUCKET => thumbnails: Access<Bucket<Thumbnails>, PutObject>,
    }
}
